//! What a visitor sent, with everything that goes with it.

use super::{SpentChallenge, Submission};
use crate::consents::Consent;
use crate::idempotency::IdempotencyKey;
use crate::ids::LeadId;
use crate::jobs::NewJob;
use crate::leads::{Lead, LeadEvent, LeadEventKind, ScoreEntry};
use crate::scoring::Scorers;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Kept completely or not at all, and once: whoever gives the same one again changes nothing.
#[derive(Debug, Clone)]
pub struct NewCapture {
    /// As the answers describe it. If somebody with this address is known already, what is known is completed, never
    /// overwritten, but for `renewed`.
    pub lead: Lead,
    /// Custom fields that the form itself asks for: the newest answer counts. Whatever else a request brings fills gaps
    /// only, since anybody can send one for any address.
    pub renewed: Vec<String>,
    /// Names `lead`; so does each line of `score`. If another lead has the address, they go to that one.
    pub submission: Submission,
    pub score: Vec<ScoreEntry>,
    /// The models that `score` comes from: a lead that is known already is scored by what is known of it.
    pub scorers: Arc<Scorers>,
    /// As of when it is scored: later than the submission, when that was held back.
    pub scored_at: DateTime<Utc>,
    /// The boxes that were ticked, some of them to be confirmed. They name `lead`, too, and take the time of the submission.
    pub consents: Vec<Consent>,
    /// The captcha that was solved for it. [`StoreError::Duplicate`] with [`SPENT`] when it was used before.
    ///
    /// [`StoreError::Duplicate`]: crate::StoreError::Duplicate
    pub challenge: Option<SpentChallenge>,
    /// What follows: telling the team, asking for a confirmation, an answer. Has no unique key.
    pub job: Option<NewJob>,
    /// Looks at where the lead stands by now. Has no unique key.
    pub qualify: Option<NewJob>,
    /// Lets the lead into sequences, or go on in them. Has no unique key.
    pub sequences: Option<NewJob>,
    /// Whoever shows this key again gets the same answer.
    pub idempotency: Option<IdempotencyKey>,
}

/// The constraint of a captcha that was used before.
pub const SPENT: &str = "form_challenges_pkey";

impl NewCapture {
    /// What it is in the timeline of a lead. Ids are those of what happened, so that it is there once.
    pub fn events(&self, lead: LeadId) -> Vec<LeadEvent> {
        events(&self.submission, &self.consents, lead)
    }

    /// What is kept for the idempotency key.
    pub fn answer(&self, lead: LeadId) -> Value {
        json!({ "lead_id": lead, "submission_id": self.submission.id })
    }
}

/// What a submission and the boxes that were ticked are in the timeline of a lead.
pub fn events(submission: &Submission, consents: &[Consent], lead: LeadId) -> Vec<LeadEvent> {
    let event = |id: uuid::Uuid, kind, data| LeadEvent {
        id: id.into(),
        lead_id: lead,
        kind,
        subject: Some(submission.form_id.0),
        occurred_at: submission.created_at,
        data,
    };
    let mut events = vec![event(submission.id.0, LeadEventKind::FormSubmitted, Map::new())];
    events.extend(consents.iter().map(|consent| {
        let data = [
            ("purpose", json!(consent.purpose)),
            ("source", json!(consent.source)),
        ];
        let data = data.map(|(key, value)| (key.to_owned(), value));
        event(consent.id.0, consent.decision.into(), data.into_iter().collect())
    }));
    events
}
