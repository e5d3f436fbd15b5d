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
        /// Mail came back several times within some weeks, each time as if it might work later.
        SoftBounces => "soft_bounces",
        /// Put there by a person.
        Manual => "manual",
        /// The person asked to be forgotten: the address is kept as a keyed hash only.
        Erasure => "erasure",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Suppression {
    pub id: SuppressionId,
    /// Null for an address that was erased.
    pub email: Option<EmailAddress>,
    /// In place of an erased address: a keyed hash, which still stops mail to it.
    pub email_hash: Option<String>,
    pub reason: SuppressionReason,
    pub note: Option<String>,
    pub created_at: DateTime<Utc>,
}

impl Suppression {
    /// What is unique in an organization: the normalized address, or the hash in its place.
    pub fn key(&self) -> String {
        let hash = || self.email_hash.clone().unwrap_or_default();
        self.email.as_ref().map_or_else(hash, EmailAddress::key)
    }
}

crate::sort_fields! {
    /// How suppressions can be ordered.
    SuppressionSort { CreatedAt => "created_at": Time, Email => "email": Text }
}
