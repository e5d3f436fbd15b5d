//! What was said of one recipient, and what that amounts to.

use super::codes::{Command, command_in, preferred, reply_in, status_in};
use super::reason::{self, BounceReason};
use super::{Bounce, BounceKind};

/// The longest diagnostic that is kept, in characters.
const MOST: usize = 1_000;

/// One recipient, as a reader of mails found it.
#[derive(Debug, Clone, Default)]
pub(super) struct Statement {
    pub recipient: Option<String>,
    /// What the server and its report said.
    pub text: String,
    /// The field `Status` of a report.
    pub status: String,
    /// The field `Action` of a report.
    pub action: String,
    pub remote: String,
    pub reporting: String,
    pub command: Option<Command>,
    /// What a program has decided before us.
    pub decided: Option<BounceReason>,
    /// Counts if our own reading is vague.
    pub hint: Option<BounceReason>,
}

/// The same in the form in which reasons are looked for.
#[derive(Debug)]
pub(super) struct Said {
    pub recipient: String,
    /// In lower case, with single spaces.
    pub text: String,
    pub status: String,
    pub reply: String,
    pub action: String,
    pub command: Option<Command>,
    pub remote: String,
    pub reporting: String,
}

impl Statement {
    pub fn judged(self, message_id: Option<String>) -> Bounce {
        let line = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let found = status_in(&line, "").unwrap_or_default();
        let class = if self.status.is_empty() {
            &found
        } else {
            &self.status
        };
        let reply = reply_in(&line, class).unwrap_or_default();
        let said = Said {
            recipient: self.recipient.clone().unwrap_or_default(),
            text: line.to_lowercase(),
            status: preferred(&self.status, &found, reply),
            reply: reply.to_owned(),
            action: self.action,
            command: command_in(&self.text).or(self.command),
            remote: self.remote,
            reporting: self.reporting,
        };
        let reason = self.decided.unwrap_or_else(|| {
            let own = reason::of(&said);
            self.hint.filter(|_| own.is_vague()).unwrap_or(own)
        });
        Bounce {
            recipient: self.recipient,
            kind: kind(reason, &said),
            reason,
            status: Some(said.status).filter(|status| !status.is_empty()),
            reply: Some(said.reply).filter(|reply| !reply.is_empty()),
            diagnostic: line.chars().take(MOST).collect(),
            message_id,
        }
    }
}

fn kind(reason: BounceReason, said: &Said) -> BounceKind {
    match reason {
        BounceReason::Delivered | BounceReason::Vacation | BounceReason::Report => BounceKind::Notice,
        BounceReason::Feedback => BounceKind::Complaint,
        BounceReason::Moved | BounceReason::UserUnknown | BounceReason::HostUnknown => BounceKind::Hard,
        BounceReason::NotAccepting if is_permanent(said) => BounceKind::Hard,
        // Servers say in between that they are still trying.
        _ if said.action == "delayed" => BounceKind::Notice,
        _ => BounceKind::Soft,
    }
}

fn is_permanent(said: &Said) -> bool {
    let code = if said.status.is_empty() {
        &said.reply
    } else {
        &said.status
    };
    let passing =
        code.starts_with('4') || said.text.contains(" temporar") || said.text.contains(" persistent");
    code.starts_with('5') || !passing
}
