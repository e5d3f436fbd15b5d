//! Jobs that follow a submission, and the ids of their mails: the same at every run, so that none is sent twice.

use crate::ids::{FormId, MessageId, SubmissionId};
use crate::jobs::JobPayload;
use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

/// Bytes of an id that are its time (RFC 9562, section 5.7).
const TIME: usize = 6;

/// Everything that a submission sets off: tells the team, asks the visitor to confirm, answers them.
#[derive(Debug, Serialize, Deserialize)]
pub struct FollowUp {
    pub submission_id: SubmissionId,
}

impl JobPayload for FollowUp {
    // Older than its other duties: jobs of this name may wait in a queue.
    const KIND: &'static str = "forms.notify";
}

/// What waited for the confirmation of a double opt-in.
#[derive(Debug, Serialize, Deserialize)]
pub struct FollowConfirmation {
    pub submission_id: SubmissionId,
}

impl JobPayload for FollowConfirmation {
    const KIND: &'static str = "forms.confirmed";
}

/// The mail that tells the `index`th address of a form about a submission.
pub fn notification_id(submission: SubmissionId, index: u8) -> MessageId {
    let mut bytes = *submission.0.as_bytes();
    bytes[15] = bytes[15].wrapping_add(index + 1);
    Uuid::from_bytes(bytes).into()
}

/// The mail with the link of a double opt-in: named like the submission, which it is made from when it leaves.
pub fn confirmation_id(submission: SubmissionId) -> MessageId {
    MessageId(submission.0)
}

/// The submission that a confirmation mail is about.
pub fn confirmed_by(message: MessageId) -> SubmissionId {
    SubmissionId(message.0)
}

/// The answer to a submission. Its end says to which form and address it belongs (see [`is_like`]), its start is the time
/// of the submission, as of every id.
pub fn auto_reply_id(submission: SubmissionId, form: FormId, email_key: &str) -> MessageId {
    // FNV-1a of 128 bits (draft-eastlake-fnv): stable, and nothing depends on its being hard to guess.
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let text = format!("auto-reply {form} {email_key}");
    let hash = text
        .bytes()
        .fold(OFFSET, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME));
    let mut bytes = hash.to_be_bytes();
    bytes[..TIME].copy_from_slice(&submission.0.as_bytes()[..TIME]);
    Builder::from_custom_bytes(bytes).into_uuid().into()
}

/// Whether two answers are of one form to one address.
pub fn is_like(one: MessageId, other: MessageId) -> bool {
    one.0.as_bytes()[TIME..] == other.0.as_bytes()[TIME..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_apart_by_form_and_address_and_sorted_by_time() {
        let (one, two) = (Uuid::from_u128(1).into(), Uuid::from_u128(2).into());
        let (first, later) = (Uuid::from_u128(1 << 90).into(), Uuid::from_u128(2 << 90).into());
        let id = auto_reply_id(first, one, "a@x.example");
        assert_eq!(id, auto_reply_id(first, one, "a@x.example"));
        let again = auto_reply_id(later, one, "a@x.example");
        assert!(again > id && is_like(id, again));
        for other in [
            auto_reply_id(first, two, "a@x.example"),
            auto_reply_id(first, one, "b@x.example"),
        ] {
            assert!(!is_like(id, other));
        }
    }
}
