//! What is kept of mails that came back.

use super::{BounceKind, BounceReason};
use crate::error::StoreError;
use crate::ids::{BounceId, MessageId};
use async_trait::async_trait;
use chrono::{DateTime, Utc};

/// One recipient's part of a mail that came back. The address is a keyed hash, and what the server said has it left out: what is needed is to know
/// the address again, not to read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptBounce {
    pub id: BounceId,
    /// What it is told by from others: the same report a second time has the same.
    pub event_key: String,
    pub message_id: Option<MessageId>,
    pub address: String,
    pub kind: BounceKind,
    pub reason: BounceReason,
    pub status: Option<String>,
    pub diagnostic: String,
    pub created_at: DateTime<Utc>,
}

#[async_trait]
pub trait BounceRepo: Send + Sync {
    /// False when one with this key is there already, whatever else is in it.
    async fn keep(&self, bounce: &KeptBounce) -> Result<bool, StoreError>;
    /// How many of a kind there were for an address since then.
    async fn count(&self, address: &str, kind: BounceKind, since: DateTime<Utc>) -> Result<u64, StoreError>;
}
