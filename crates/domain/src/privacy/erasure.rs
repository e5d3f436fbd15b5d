//! The receipt of an erasure: what was done where, to somebody who can't be recognized in it.

use crate::ids::{ErasureId, OrganizationId, UserId};
use crate::jobs::{JobPayload, Priority, Queue};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

crate::text_enum::text_enum! {
    /// Who was erased.
    ErasureKind {
        /// A lead, or whoever has this mail address.
        Lead => "lead",
        /// A person with an account.
        User => "user",
        /// An organization with all that was in it.
        Organization => "organization",
    }
}

crate::text_enum::text_enum! {
    /// What became of the rows of a store.
    Treatment {
        Deleted => "deleted",
        /// They stay, and no longer tell of whom.
        Anonymized => "anonymized",
        Cancelled => "cancelled",
        /// The address, as a keyed hash.
        Added => "added",
    }
}

/// One store, and how many of its rows were treated how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Touched {
    #[cfg_attr(feature = "openapi", schema(example = "submissions"))]
    pub store: String,
    pub treatment: Treatment,
    pub rows: i64,
}

impl Touched {
    pub fn new(store: &str, treatment: Treatment, rows: u64) -> Self {
        Self {
            store: store.to_owned(),
            treatment,
            rows: i64::try_from(rows).unwrap_or(i64::MAX),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Erasure {
    pub id: ErasureId,
    pub kind: ErasureKind,
    /// The id that the lead or the person had; null when only an address was given, and no lead had it.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = "uuid"))]
    pub subject_id: Option<Uuid>,
    /// A keyed hash of the mail address, the same as on the suppression list.
    pub subject_hash: Option<String>,
    /// Every store in which something was found.
    pub stores: Vec<Touched>,
    pub requested_by: Option<UserId>,
    pub created_at: DateTime<Utc>,
}

crate::sort_fields! {
    /// How receipts can be ordered.
    ErasureSort { CreatedAt => "created_at": Time }
}

/// A line of the journal: enough to do an erasure again on a database that does not know of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureRecord {
    pub id: ErasureId,
    pub organization_id: OrganizationId,
    pub kind: ErasureKind,
    pub subject_id: Option<Uuid>,
    pub subject_hash: Option<String>,
    pub requested_by: Option<UserId>,
    pub created_at: DateTime<Utc>,
}

/// Deletes everything of the organization that the job belongs to.
#[derive(Debug, Serialize, Deserialize)]
pub struct EraseOrganization {}

impl JobPayload for EraseOrganization {
    const KIND: &'static str = "privacy.erase_organization";
    const QUEUE: Queue = Queue::Heavy;
    const PRIORITY: Priority = Priority::Low;
    // It is not given up.
    const MAX_ATTEMPTS: i32 = 1000;
}
