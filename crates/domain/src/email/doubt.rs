//! Mails of which nobody knows whether they were sent (`unknown`), and how that is found out.

use super::{EmailAddress, MessageStatus};
use crate::ids::MessageId;
use crate::jobs::{JobPayload, Priority, Queue};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What became of such a mail, for certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It left, whatever happened to it afterwards.
    Sent,
    NotSent,
}

impl Fate {
    pub fn status(self) -> MessageStatus {
        match self {
            Self::Sent => MessageStatus::Sent,
            Self::NotSent => MessageStatus::Failed,
        }
    }
}

/// Such a mail, as providers are asked about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubted {
    pub id: MessageId,
    pub to: EmailAddress,
    /// It can't have been sent before.
    pub created_at: DateTime<Utc>,
}

/// Asks providers what became of an organization's mails that are `unknown`.
#[derive(Debug, Serialize, Deserialize)]
pub struct SettleDoubts {}

impl JobPayload for SettleDoubts {
    const KIND: &'static str = "email.settle_doubts";
    const QUEUE: Queue = Queue::Default;
    const PRIORITY: Priority = Priority::Low;
}
