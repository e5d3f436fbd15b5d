//! `Idempotency-Key`: an effect asked for twice happens once, and both askers get the same answer.
//!
//! The record is written in the transaction of the effect itself, so neither exists without the other.

use crate::error::StoreError;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// How long an answer is kept.
pub const KEPT_HOURS: i64 = 24;
/// Longest accepted key, in characters.
pub const MAX_KEY_LENGTH: usize = 255;

/// A key as the caller gave it, with the route it was used on and a hash of the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// Method and path.
    pub route: String,
    pub key: String,
    /// SHA-256 of the body: the same key with another body is a mistake of the caller's.
    pub fingerprint: Vec<u8>,
}

/// What kind of success it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is done.
    Done,
    /// Something new exists.
    Created,
    /// Something new exists, which has no address of its own.
    Recorded,
    /// A job will do it.
    Accepted,
}

/// The first answer.
#[derive(Debug, Clone, PartialEq)]
pub struct IdempotencyRecord {
    pub fingerprint: Vec<u8>,
    pub outcome: Outcome,
    pub data: serde_json::Value,
}

#[async_trait]
pub trait IdempotencyRepo: Send + Sync {
    /// The unexpired record of this key and route (the fingerprint is for the caller to compare).
    async fn find(
        &self,
        key: &IdempotencyKey,
        now: DateTime<Utc>,
    ) -> Result<Option<IdempotencyRecord>, StoreError>;
    /// Keeps an answer until `expires_at`; an expired record of the same key is replaced,
    /// a living one is [`StoreError::Duplicate`].
    async fn record(
        &self,
        key: &IdempotencyKey,
        outcome: Outcome,
        data: &serde_json::Value,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError>;
}
