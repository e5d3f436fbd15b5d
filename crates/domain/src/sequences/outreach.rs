//! A mail of its own for each lead, which a person approves.

use crate::ids::{DraftId, LeadId, SequenceId, UserId};
use chrono::{DateTime, Utc};
use serde::Serialize;

crate::text_enum::text_enum! {
    DraftStatus {
        /// Waits for a person.
        Draft => "draft",
        /// Will be sent at the lead's best hour.
        Approved => "approved",
        Rejected => "rejected",
        /// The lead is on its way in the sequence that sends it.
        Entered => "entered",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Draft {
    pub id: DraftId,
    /// The outreach that it belongs to.
    pub outreach_id: SequenceId,
    pub lead_id: LeadId,
    pub subject: String,
    pub html: String,
    /// Made from the HTML when absent.
    pub text: Option<String>,
    pub status: DraftStatus,
    /// Who approved or rejected it.
    pub decided_by: Option<UserId>,
    pub decided_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
}

/// How many drafts there are of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DraftCounts {
    pub draft: i64,
    pub approved: i64,
    pub rejected: i64,
    pub entered: i64,
}

crate::sort_fields! {
    /// How drafts can be ordered.
    DraftSort { CreatedAt => "created_at": Time }
}
