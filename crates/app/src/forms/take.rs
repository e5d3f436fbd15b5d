//! From what was read to what is written: the one way for captures, for tests of a form, and for what is released.

use crate::App;
use groundswell_domain::consents::{Consent, ConsentDecision, ConsentSource, FormConsent};
use groundswell_domain::email::{EmailAddress, Verification};
use groundswell_domain::forms::{FollowUp, Form, NewCapture, Submission, capture_events};
use groundswell_domain::jobs::NewJob;
use groundswell_domain::leads::{Lead, LeadProfile, LeadStage, LeadStatus, Score, Tags, Utm};
use groundswell_domain::scoring::Scorers;
use std::borrow::Borrow;
use std::sync::Arc;

/// What makes a lead of test submissions known.
const TEST_TAG: &str = "test";

/// Everything that a submission brings, to be written at once.
pub(super) fn assemble(
    app: &App,
    form: &Form,
    submission: Submission,
    lead: Lead,
    granted: &[impl Borrow<FormConsent>],
    double_opt_in: bool,
    scorers: Arc<Scorers>,
) -> NewCapture {
    let consents: Vec<Consent> = granted
        .iter()
        .map(|granted| consent(app, &submission, granted.borrow(), double_opt_in))
        .collect();
    let waits = consents
        .iter()
        .any(|consent| consent.decision == ConsentDecision::Pending);
    let settings = &form.settings;
    let job = (waits || settings.auto_reply.is_some() || !settings.notify.is_empty()).then(|| {
        let payload = FollowUp {
            submission_id: submission.id,
        };
        NewJob::new(app.id(), &payload, app.now())
    });
    let happened = capture_events(&submission, &consents, lead.id);
    NewCapture {
        score: scorers.lines(&lead, &happened, app.now()),
        scorers,
        scored_at: app.now(),
        renewed: form.fields.iter().map(|field| field.name.clone()).collect(),
        consents,
        lead,
        submission,
        job,
        qualify: None,
        sequences: None,
        challenge: None,
        idempotency: None,
    }
}

/// In the words that the form had.
fn consent(app: &App, submission: &Submission, granted: &FormConsent, double_opt_in: bool) -> Consent {
    let decision = if double_opt_in && granted.can_wait() {
        ConsentDecision::Pending
    } else {
        ConsentDecision::Granted
    };
    Consent {
        id: app.id(),
        lead_id: submission.lead_id,
        purpose: granted.purpose.clone(),
        decision,
        text: Some(granted.text.clone()),
        source: ConsentSource::Form,
        form_id: Some(submission.form_id),
        submission_id: Some(submission.id),
        import_id: None,
        recorded_by: None,
        confirmation: None,
        created_at: submission.created_at,
    }
}

/// The lead that a submission names.
pub(super) fn lead(submission: &Submission, email: EmailAddress, profile: LeadProfile) -> Lead {
    let tags = if submission.test {
        Tags::parse([TEST_TAG]).unwrap_or_default()
    } else {
        Tags::default()
    };
    let mut lead = Lead {
        id: submission.lead_id,
        name: String::new(),
        verification: Verification::of(&email),
        email,
        phone: None,
        phone_e164: None,
        company: None,
        title: None,
        source: "form".to_owned(),
        status: LeadStatus::New,
        stage: LeadStage::New,
        stage_since: submission.created_at,
        furthest_stage: LeadStage::New,
        outcome_reason: None,
        value: None,
        tags,
        custom_fields: serde_json::Map::new(),
        score: Score::default(),
        utm: Utm {
            source: submission.attribution.utm_source.clone(),
            medium: submission.attribution.utm_medium.clone(),
            campaign: submission.attribution.utm_campaign.clone(),
        },
        client_id: None,
        created_at: submission.created_at,
        updated_at: submission.created_at,
        version: 1,
    };
    lead.set_profile(profile);
    lead
}
