//! A visitor sends a form: the submission, its lead, the first score entry, what was agreed to and the jobs are one
//! transaction. What looks like spam is held back instead, and the visitor is told the same.

use super::commands::{Capture, Captured};
use super::quarantine;
use super::repeated::repeated;
use super::take::{assemble, lead};
use crate::{App, effect, organization, qualification, scoring, sequences};
use groundswell_domain::forms::{
    Answers, Attribution, Evidence, Form, Quarantined, SPENT, Submission, SubmissionStatus, judge,
    read_answers,
};
use groundswell_domain::idempotency::{IdempotencyKey, IdempotencyRecord};
use groundswell_domain::identity::{Permission, Role};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Actor, Error, FormId, LeadId, RequestId, Scope, StoreError, SubmissionId};
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
    take(app, &scope, form, capture, false).await
}

/// Somebody of the organization tries a form. What happens is what happens to visitors; only that it was a test is kept.
pub async fn test_form(app: &App, scope: &Scope, form: &Form, capture: Capture) -> Result<Captured, Error> {
    scope.require(Permission::FormsWrite)?;
    take(app, scope, form, capture, true).await
}

/// A form as it is now, for whoever may try it.
pub async fn form_to_test(app: &App, scope: &Scope, id: FormId) -> Result<Form, Error> {
    scope.require(Permission::FormsWrite)?;
    let form = app.store.read(scope).forms().get(id).await?;
    form.ok_or(Error::NotFound { what: "form" })
}

async fn take(
    app: &App,
    scope: &Scope,
    form: &Form,
    capture: Capture,
    test: bool,
) -> Result<Captured, Error> {
    if let Some(captured) = answered(app, form, scope).await? {
        return Ok(captured);
    }
    let challenge = capture.challenge.clone();
    let (submission, answers) = read(app, form, capture, test).await?;
    let submission_id = submission.id;
    let double_opt_in = form.settings.double_opt_in;
    if submission.verdict.quarantined {
        let held = Quarantined {
            submission,
            email: answers.email,
            profile: answers.profile,
            consents: answers.granted.into_iter().cloned().collect(),
            double_opt_in,
        };
        let kept = quarantine::keep(app, scope, held, challenge.as_ref()).await;
        return end(app, scope, form, (submission_id, true), kept).await;
    }
    let mut lead = lead(&submission, answers.email, answers.profile);
    if lead.phone.is_some() {
        lead.read_phone(organization::region(app, scope).await?);
    }
    let key = scope.idempotency.clone();
    let repos = app.store.read(scope);
    let scorers = scoring::scorers(app, scope.organization, repos.as_ref()).await?;
    let granted = &answers.granted;
    let mut new = assemble(app, form, submission, lead, granted, double_opt_in, scorers);
    new.qualify = qualification::after_capture(app, scope, repos.as_ref(), submission_id).await?;
    new.sequences = sequences::after_capture(app, scope, repos.as_ref(), submission_id).await?;
    new.idempotency = key;
    new.challenge = challenge;
    // It is written together with those of other requests.
    for job in new.job.iter_mut().chain(&mut new.qualify) {
        job.cause = Some(scope.cause());
    }
    let kept = app.system.forms().capture(form.organization_id, new).await;
    end(app, scope, form, (submission_id, false), kept).await
}

/// The answer, which does not tell what was decided.
async fn end(
    app: &App,
    scope: &Scope,
    form: &Form,
    (submission_id, held): (SubmissionId, bool),
    kept: Result<LeadId, StoreError>,
) -> Result<Captured, Error> {
    match kept {
        Ok(lead_id) => Ok(Captured {
            lead_id,
            submission_id,
            message: form.thank_you().to_owned(),
            replayed: false,
            held,
        }),
        // The form was deleted while the visitor's answers were on their way.
        Err(StoreError::MissingReference { .. }) => Err(Error::NotFound { what: "form" }),
        // A twin of this request was faster: its answer is this one's, too.
        Err(StoreError::Duplicate { constraint }) if scope.idempotency.is_some() || constraint == SPENT => {
            answered(app, form, scope)
                .await?
                .ok_or_else(|| taken(&constraint))
        }
        Err(error) => Err(error.into()),
    }
}

fn taken(constraint: &str) -> Error {
    if constraint == SPENT {
        return Error::conflict(
            "captcha_spent",
            "this captcha was used before: take another puzzle from GET /api/lead-capture/forms/{id}/challenge",
        );
    }
    Error::conflict(
        "idempotency_in_progress",
        "another request with this Idempotency-Key was just answered: repeat this one to get its answer",
    )
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
            held: false,
        }),
        _ => Err(Error::internal("a kept answer can't be read")),
    }
}

/// What the answers say, and what they look like.
async fn read<'a>(
    app: &App,
    form: &'a Form,
    capture: Capture,
    test: bool,
) -> Result<(Submission, Answers<'a>), Error> {
    let mut answers = read_answers(form, &capture.answers)?;
    let mut problems = Problems::new();
    problems.json("answers", &serde_json::Value::Object(capture.answers.clone()));
    problems.json(
        "custom_fields",
        &serde_json::Value::Object(capture.custom_fields.clone()),
    );
    for (key, value) in capture.custom_fields {
        problems.check(
            key.chars().count() <= 100,
            "custom_fields",
            "keys have at most 100 characters",
        );
        problems.take("custom_fields", answers.profile.custom(key, value));
    }
    problems.finish()?;
    let user_agent = capture.user_agent.map(|text| short(&text, 300));
    let mut evidence = Evidence {
        fields: &form.fields,
        answers: &capture.answers,
        email: &answers.email,
        user_agent: user_agent.as_deref(),
        trapped: capture.trapped,
        took: capture.took,
        repeated: 0,
    };
    let told = evidence.long_text();
    evidence.repeated = repeated(app, form.organization_id, told, &answers.email).await;
    let verdict = judge(&evidence, form.settings.spam.unwrap_or_default());
    let status = if verdict.quarantined {
        SubmissionStatus::Quarantined
    } else {
        SubmissionStatus::Accepted
    };
    let submission = Submission {
        id: app.id(),
        form_id: form.id,
        lead_id: app.id(),
        status,
        answers: capture.answers,
        attribution: shortened(capture.attribution),
        user_agent,
        verdict,
        test,
        created_at: app.now(),
    };
    Ok((submission, answers))
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
