//! A visitor sends a form: the submission, its lead, the first score entry, what was agreed to and the jobs are one
//! transaction.

use super::commands::{Capture, Captured};
use crate::{App, effect};
use groundswell_domain::consents::{Consent, ConsentDecision, ConsentSource, FormConsent};
use groundswell_domain::email::NotifySubmission;
use groundswell_domain::forms::{Attribution, Form, NewCapture, Submission, read_answers};
use groundswell_domain::idempotency::{IdempotencyKey, IdempotencyRecord};
use groundswell_domain::identity::Role;
use groundswell_domain::jobs::NewJob;
use groundswell_domain::leads::{Lead, LeadStage, LeadStatus, Score, ScoreRule, Tags, Utm};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Actor, Error, FormId, RequestId, Scope, StoreError};
use std::sync::Arc;

/// The form, for whoever may see it on a page: anybody. As it was at most a second ago.
pub async fn public_form(app: &App, id: FormId) -> Result<Arc<Form>, Error> {
    if let Some(form) = app.forms.get(&id).await {
        return Ok(form);
    }
    let form = app.system.forms().form(id).await?;
    let form = Arc::new(form.ok_or(Error::NotFound { what: "form" })?);
    app.forms.insert(id, form.clone()).await;
    Ok(form)
}

/// Keeps a submission of a form that was just read. The lead is the one with this address; what is known of it is
/// completed, never overwritten.
pub async fn capture(
    app: &App,
    request: RequestId,
    form: &Form,
    capture: Capture,
) -> Result<Captured, Error> {
    let mut scope = Scope::new(
        form.organization_id,
        Actor::Visitor(form.id),
        Role::Client,
        request,
    );
    scope.idempotency.clone_from(&capture.idempotency);
    if let Some(captured) = answered(app, form, &scope).await? {
        return Ok(captured);
    }
    let (lead, submission, granted) = read(app, form, capture)?;
    let submission_id = submission.id;
    let line = ScoreRule::FormSubmitted.entry(
        app.id(),
        lead.id,
        format!("submission:{submission_id}"),
        submission.created_at,
    );
    let job = (!form.settings.notify.is_empty()).then(|| {
        let payload = NotifySubmission { submission_id };
        NewJob::new(app.id(), &payload, submission.created_at)
    });
    let consent = |granted| consent(app, &submission, granted);
    let new = NewCapture {
        consents: granted.into_iter().map(consent).collect(),
        lead,
        submission,
        score: line,
        job,
        idempotency: scope.idempotency.clone(),
    };
    match app.system.forms().capture(form.organization_id, new).await {
        Ok(lead_id) => Ok(Captured {
            lead_id,
            submission_id,
            message: form.thank_you().to_owned(),
            replayed: false,
        }),
        // The form was deleted while the visitor's answers were on their way.
        Err(StoreError::MissingReference { .. }) => Err(Error::NotFound { what: "form" }),
        // A twin of this request was faster: its answer is this one's, too.
        Err(StoreError::Duplicate { .. }) if scope.idempotency.is_some() => {
            answered(app, form, &scope).await?.ok_or_else(|| {
                Error::conflict(
                    "idempotency_in_progress",
                    "another request with this Idempotency-Key was just answered: repeat this one to get its answer",
                )
            })
        }
        Err(error) => Err(error.into()),
    }
}

/// What was answered to the key of this scope before.
async fn answered(app: &App, form: &Form, scope: &Scope) -> Result<Option<Captured>, Error> {
    let Some(key) = &scope.idempotency else {
        return Ok(None);
    };
    let kept = effect::replay(app, scope, key).await?;
    kept.map(|kept| replayed(form, key, &kept)).transpose()
}

fn replayed(form: &Form, key: &IdempotencyKey, kept: &IdempotencyRecord) -> Result<Captured, Error> {
    if kept.fingerprint != key.fingerprint {
        return Err(Error::conflict(
            "idempotency_key_reused",
            "this Idempotency-Key was used before with another body",
        ));
    }
    let id = |name: &str| {
        kept.data
            .get(name)
            .and_then(|id| id.as_str())
            .and_then(|id| id.parse::<uuid::Uuid>().ok())
    };
    match (id("lead_id"), id("submission_id")) {
        (Some(lead), Some(submission)) => Ok(Captured {
            lead_id: lead.into(),
            submission_id: submission.into(),
            message: form.thank_you().to_owned(),
            replayed: true,
        }),
        _ => Err(Error::internal("a kept answer can't be read")),
    }
}

/// In the words that the form has now.
fn consent(app: &App, submission: &Submission, granted: &FormConsent) -> Consent {
    Consent {
        id: app.id(),
        lead_id: submission.lead_id,
        purpose: granted.purpose.clone(),
        decision: ConsentDecision::Granted,
        text: Some(granted.text.clone()),
        source: ConsentSource::Form,
        form_id: Some(submission.form_id),
        submission_id: Some(submission.id),
        recorded_by: None,
        created_at: submission.created_at,
    }
}

/// What the answers say, as a lead, a submission and consents.
fn read<'a>(
    app: &App,
    form: &'a Form,
    capture: Capture,
) -> Result<(Lead, Submission, Vec<&'a FormConsent>), Error> {
    let answers = read_answers(form, &capture.answers)?;
    let mut problems = Problems::new();
    problems.json("answers", &serde_json::Value::Object(capture.answers.clone()));
    problems.json(
        "custom_fields",
        &serde_json::Value::Object(capture.custom_fields.clone()),
    );
    let mut profile = answers.profile;
    for (key, value) in capture.custom_fields {
        problems.check(
            key.chars().count() <= 100,
            "custom_fields",
            "keys have at most 100 characters",
        );
        problems.take("custom_fields", profile.custom(key, value));
    }
    problems.finish()?;
    let now = app.now();
    let attribution = shortened(capture.attribution);
    let mut lead = Lead {
        id: app.id(),
        name: String::new(),
        email: answers.email,
        phone: None,
        company: None,
        title: None,
        source: "form".to_owned(),
        status: LeadStatus::New,
        stage: LeadStage::New,
        stage_since: now,
        furthest_stage: LeadStage::New,
        outcome_reason: None,
        value: None,
        tags: Tags::default(),
        custom_fields: serde_json::Map::new(),
        score: Score::default(),
        utm: Utm {
            source: attribution.utm_source.clone(),
            medium: attribution.utm_medium.clone(),
            campaign: attribution.utm_campaign.clone(),
        },
        client_id: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    lead.set_profile(profile);
    let submission = Submission {
        id: app.id(),
        form_id: form.id,
        lead_id: lead.id,
        answers: capture.answers,
        attribution,
        user_agent: capture.user_agent.map(|text| short(&text, 300)),
        created_at: now,
    };
    Ok((lead, submission, answers.granted))
}

/// Long referrers are common and never worth losing a lead over.
fn shortened(attribution: Attribution) -> Attribution {
    let cut = |text: Option<String>| text.map(|text| short(&text, 500)).filter(|text| !text.is_empty());
    Attribution {
        referrer: cut(attribution.referrer),
        utm_source: cut(attribution.utm_source),
        utm_medium: cut(attribution.utm_medium),
        utm_campaign: cut(attribution.utm_campaign),
    }
}

fn short(text: &str, most: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(most).collect()
}
