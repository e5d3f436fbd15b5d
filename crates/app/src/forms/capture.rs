//! A visitor sends a form: the submission, its lead, the first score entry and the jobs are one transaction.

use super::commands::{Capture, Captured};
use crate::{App, effect};
use groundswell_domain::email::NotifySubmission;
use groundswell_domain::forms::{Attribution, Form, Submission, read_answers};
use groundswell_domain::idempotency::{IdempotencyKey, IdempotencyRecord, Outcome};
use groundswell_domain::identity::Role;
use groundswell_domain::jobs::NewJob;
use groundswell_domain::leads::{Lead, LeadStage, LeadStatus, Score, ScoreRule, Tags, Upsert, Utm};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Actor, Error, FormId, RequestId, Scope, UnitOfWork};

/// The form, for whoever may see it on a page: anybody.
pub async fn public_form(app: &App, id: FormId) -> Result<Form, Error> {
    app.system
        .forms()
        .form(id)
        .await?
        .ok_or(Error::NotFound { what: "form" })
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
    let (lead, submission) = read(app, form, capture)?;
    let entry = ScoreRule::FormSubmitted.entry(
        app.id(),
        lead.id,
        format!("submission:{}", submission.id),
        submission.created_at,
    );

    let unit = app.store.begin(&scope).await?;
    let lead_id = match unit
        .leads()
        .insert_or_find(&lead, std::slice::from_ref(&entry))
        .await?
    {
        Upsert::Created => lead.id,
        Upsert::Found(found) => {
            let id = found.id;
            complete(unit.as_ref(), *found, &lead).await?;
            unit.leads()
                .add_score(&[groundswell_domain::leads::ScoreEntry { lead_id: id, ..entry }])
                .await?;
            id
        }
    };
    let submission = Submission {
        lead_id,
        ..submission
    };
    unit.forms().insert_submission(&submission).await?;
    if !form.settings.notify.is_empty() {
        let job = NotifySubmission {
            submission_id: submission.id,
        };
        unit.jobs()
            .enqueue(
                &NewJob::new(app.id(), &job, submission.created_at),
                submission.created_at,
            )
            .await?;
    }
    let captured = Captured {
        lead_id,
        submission_id: submission.id,
        message: form.thank_you().to_owned(),
    };
    match effect::commit(app, &scope, unit, Outcome::Created, &captured).await {
        Ok(()) => Ok(captured),
        // A twin of this request was faster: its answer is this one's, too.
        Err(conflict @ Error::Conflict { .. }) => answered(app, form, &scope).await?.ok_or(conflict),
        Err(error) => Err(error),
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
        }),
        _ => Err(Error::internal("a kept answer can't be read")),
    }
}

/// What the answers say, as a lead and a submission.
fn read(app: &App, form: &Form, capture: Capture) -> Result<(Lead, Submission), Error> {
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
        stage: LeadStage::Lead,
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
    Ok((lead, submission))
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

/// Adds what the new answers know to a lead that was there before.
async fn complete(unit: &dyn UnitOfWork, mut found: Lead, news: &Lead) -> Result<(), Error> {
    if !found.absorb(&news.profile(), &news.tags) {
        return Ok(());
    }
    let version = found.version;
    found.version += 1;
    found.updated_at = news.updated_at;
    // The row is locked since it was found, so its version can't have moved.
    unit.leads().update(&found, version).await?;
    Ok(())
}
