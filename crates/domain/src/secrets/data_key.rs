//! Data keys as they are kept, and what a rotation writes.

use super::{Sealed, WrappedKey};
use crate::ids::SecretId;
use chrono::{DateTime, Utc};

/// A data key of an organization. The one with the highest version seals; the others are there for what they sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataKey {
    pub key: WrappedKey,
    pub created_at: DateTime<Utc>,
}

/// The same value under another data key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resealed {
    pub id: SecretId,
    /// Of the row that was opened: another one means that somebody gave a new value meanwhile.
    pub version: i32,
    /// The data key that it was sealed with.
    pub from: i32,
    pub sealed: Sealed,
}
