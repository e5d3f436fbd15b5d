//! Mails that come back: what they say of whom.
//!
//! Three kinds are read: delivery status notifications (RFC 3464), feedback reports (ARF, RFC 5965), and the free text that servers write when
//! they know neither. All of it is data and pure functions: what servers say lies in `data/bounce`, and a new sentence is a new line there.
//!
//! `source.rs` takes a mail apart, `notification.rs`, `feedback.rs`, `notice.rs` and `free_text.rs` find the recipients and what was said of each, `codes.rs` finds
//! codes in that, and `reason.rs` decides. Mails that come back are often damaged or cut off, so that the parts are found line by line, not by a
//! parser that expects a whole mail.

mod addresses;
mod codes;
mod decode;
mod feedback;
mod fields;
mod free_text;
mod kept;
mod notice;
mod notification;
mod original;
mod phrases;
mod provider;
mod reason;
mod said;
mod source;
#[cfg(test)]
mod tests;
mod told;

pub use kept::{BounceRepo, KeptBounce};
pub use original::{message_of, returned_to};
pub use reason::BounceReason;
pub use told::{Refusal, Step, Told, refused, told};

use said::Statement;
use serde::Serialize;
use source::Source;

/// A returned mail is read up to here; the rest is the mail that was sent.
pub const MOST: usize = 1024 * 1024;

crate::text_enum::text_enum! {
    /// What a returned mail means for the address.
    BounceKind {
        /// There is no such mailbox, and won't be: never write again.
        Hard => "hard",
        /// It did not work this time.
        Soft => "soft",
        /// The recipient called it spam.
        Complaint => "complaint",
        /// Nothing failed: delivered, still being tried, out of office, or a report on authentication.
        Notice => "notice",
    }
}

/// What a mail says of one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bounce {
    /// As the server wrote it; absent when a complaint hides it.
    pub recipient: Option<String>,
    pub kind: BounceKind,
    pub reason: BounceReason,
    /// Enhanced status code (RFC 3463).
    pub status: Option<String>,
    /// SMTP reply (RFC 5321).
    pub reply: Option<String>,
    /// What the server said, in one line.
    pub diagnostic: String,
    /// The Message-ID of the mail that was sent, without its brackets.
    pub message_id: Option<String>,
}

/// One answer for each recipient that the mail speaks of; none if it is no bounce at all.
pub fn read(mail: &[u8]) -> Vec<Bounce> {
    let source = Source::of(&mail[..mail.len().min(MOST)]);
    let said = feedback::read(&source)
        .or_else(|| notice::read(&source))
        .or_else(|| notification::read(&source))
        .or_else(|| free_text::read(&source))
        .unwrap_or_default();
    let message_id = original::message_id(&source);
    said.into_iter()
        .map(|statement| statement.judged(message_id.clone()))
        .collect()
}
