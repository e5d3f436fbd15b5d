//! What a visitor sent, with everything that goes with it.

use super::{SpentChallenge, Submission};
use crate::consents::Consent;
use crate::idempotency::IdempotencyKey;
use crate::ids::LeadId;
use crate::jobs::NewJob;
use crate::leads::{Lead, ScoreEntry};
use serde_json::{Value, json};

/// Kept completely or not at all, and once: whoever gives the same one again changes nothing.
#[derive(Debug, Clone)]
pub struct NewCapture {
    /// As the answers describe it. If somebody with this address is known already, what is known is completed, never
    /// overwritten.
    pub lead: Lead,
    /// Names `lead`; so does `score`. If another lead has the address, they go to that one.
    pub submission: Submission,
    pub score: ScoreEntry,
    /// The boxes that were ticked, some of them to be confirmed. They name `lead`, too, and take the time of the submission.
    pub consents: Vec<Consent>,
    /// The captcha that was solved for it. [`StoreError::Duplicate`] with [`SPENT`] when it was used before.
    ///
    /// [`StoreError::Duplicate`]: crate::StoreError::Duplicate
    pub challenge: Option<SpentChallenge>,
    /// What follows: telling the team, asking for a confirmation, an answer. Has no unique key.
    pub job: Option<NewJob>,
    /// Whoever shows this key again gets the same answer.
    pub idempotency: Option<IdempotencyKey>,
}

/// The constraint of a captcha that was used before.
pub const SPENT: &str = "form_challenges_pkey";

impl NewCapture {
    /// What is kept for the idempotency key.
    pub fn answer(&self, lead: LeadId) -> Value {
        json!({ "lead_id": lead, "submission_id": self.submission.id })
    }
}
