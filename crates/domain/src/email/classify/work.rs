//! Judging again what is kept.

use crate::ids::MessageId;
use crate::jobs::{JobPayload, Priority};
use serde::{Deserialize, Serialize};

/// Judges all events of mails after `after` by the rules of today, and puts right what was counted.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReclassifyEvents {
    pub after: Option<MessageId>,
}

impl JobPayload for ReclassifyEvents {
    const KIND: &'static str = "email.reclassify";
    const PRIORITY: Priority = Priority::Low;
}
