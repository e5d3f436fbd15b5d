//! Addresses that must not be written to.

use super::EmailAddress;
use crate::ids::SuppressionId;
use chrono::{DateTime, Utc};
use serde::Serialize;

crate::text_enum::text_enum! {
    /// Why an address is suppressed.
    SuppressionReason {
        Unsubscribe => "unsubscribe",
        HardBounce => "hard_bounce",
        Complaint => "complaint",
        /// Put there by a person.
        Manual => "manual",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Suppression {
    pub id: SuppressionId,
    pub email: EmailAddress,
    pub reason: SuppressionReason,
    pub note: Option<String>,
    pub created_at: DateTime<Utc>,
}

crate::sort_fields! {
    /// How suppressions can be ordered.
    SuppressionSort { CreatedAt => "created_at": Time, Email => "email": Text }
}
