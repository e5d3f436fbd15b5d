//! One filled-in form.

use super::Verdict;
use crate::ids::{FormId, LeadId, SubmissionId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A field that people don't see and leave empty; programs that fill in everything give themselves away.
pub const HONEYPOT: &str = "website_url_confirm";

/// Where a visitor came from. Each at most 500 characters; longer ones are cut.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Attribution {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referrer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utm_source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utm_medium: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utm_campaign: Option<String>,
}

impl Attribution {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

crate::text_enum::text_enum! {
    /// What became of a submission.
    SubmissionStatus {
        Accepted => "accepted",
        /// It looks like spam: nothing followed from it yet.
        Quarantined => "quarantined",
        /// It was spam, somebody said.
        Rejected => "rejected",
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Submission {
    pub id: SubmissionId,
    pub form_id: FormId,
    /// There is such a lead only if the submission was accepted; else it would get this id.
    pub lead_id: LeadId,
    pub status: SubmissionStatus,
    /// Every answer as it was sent, also those that the form has no field for.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub answers: serde_json::Map<String, serde_json::Value>,
    pub attribution: Attribution,
    pub user_agent: Option<String>,
    pub verdict: Verdict,
    /// Sent by somebody of the organization who tried the form.
    pub test: bool,
    pub created_at: DateTime<Utc>,
}

crate::sort_fields! {
    /// How submissions can be ordered.
    SubmissionSort { CreatedAt => "created_at": Time }
}
