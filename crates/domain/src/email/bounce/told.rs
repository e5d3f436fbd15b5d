//! What somebody else has read out of a bounce, a provider that sends for us, say.

use super::{Bounce, BounceReason, Statement};

#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    pub recipient: &'a str,
    /// What the recipient's server said.
    pub said: &'a str,
    /// Enhanced status code (RFC 3463); may be empty.
    pub status: &'a str,
    pub message_id: Option<&'a str>,
    pub complaint: bool,
}

/// Judged as if it stood in a mail: providers call for good what is none, a full mailbox, say.
pub fn told(told: Told<'_>) -> Bounce {
    let message_id = told
        .message_id
        .map(|id| id.trim_matches(['<', '>', ' ']).to_owned());
    Statement {
        recipient: Some(told.recipient.to_owned()),
        text: told.said.to_owned(),
        status: told.status.to_owned(),
        decided: told.complaint.then_some(BounceReason::Feedback),
        ..Statement::default()
    }
    .judged(message_id)
}
