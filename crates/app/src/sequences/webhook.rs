//! Telling other programs that a lead came to a step.
//!
//! As Standard Webhooks says: an id that is the same at every try, a time, and a signature over both and the body. The secret is
//! the sequence's own. Tries and pauses are those of all webhooks (design, constants).

use super::MISSING;
use crate::App;
use crate::email::merge_fields;
use crate::jobs::{Progress, Stop};
use crate::sequences::wake;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use groundswell_domain::egress::{FetchMethod, FetchRequest};
use groundswell_domain::identity::Permission;
use groundswell_domain::sequences::{CallSequenceWebhook, Phase, Sequence, SequenceStatus, Step};
use groundswell_domain::{Error, Scope, SequenceId};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;
use std::time::Duration;
use url::Url;

use super::commands::WebhookSecret;

const PURPOSE: &str = "sequence-webhook";
/// Seconds before each further try.
const PAUSES: [i64; 7] = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000];
const TIMEOUT: Duration = Duration::from_secs(15);
/// Of the answer nothing is read but its status.
const MOST_BYTES: usize = 64 * 1024;
/// How long a paused sequence is waited for, before it is looked again.
const PAUSED: TimeDelta = TimeDelta::minutes(10);

fn secret(app: &App, id: SequenceId) -> String {
    app.links.sign(PURPOSE, id.0.as_bytes())
}

/// With what the calls of a sequence are signed.
pub async fn webhook_secret(app: &App, scope: &Scope, id: SequenceId) -> Result<WebhookSecret, Error> {
    scope.require(Permission::EmailSend)?;
    app.store.read(scope).sequences().get(id).await?.ok_or(MISSING)?;
    Ok(WebhookSecret {
        secret: format!("whsec_{}", STANDARD.encode(secret(app, id))),
    })
}

/// The job.
pub async fn call_webhook(
    app: &App,
    scope: &Scope,
    job: &CallSequenceWebhook,
    stop: &Stop,
) -> Result<Progress, Error> {
    if stop.is_set() {
        return Ok(Progress::ContinueAt(app.now()));
    }
    let repos = app.store.read(scope);
    let enrollment = repos.sequences().enrollment(job.enrollment_id).await?;
    let waits = |one: &groundswell_domain::sequences::Enrollment| {
        one.is_active() && one.taken == job.taken && one.phase == Phase::Calling
    };
    let Some(enrollment) = enrollment.filter(waits) else {
        return Ok(Progress::Done);
    };
    let key = (enrollment.sequence_id, enrollment.version);
    let Some(sequence) = repos.sequences().get(enrollment.sequence_id).await? else {
        return Ok(Progress::Done);
    };
    if sequence.status != SequenceStatus::Active {
        return Ok(Progress::ContinueAt(app.now() + PAUSED));
    }
    let definition = repos.sequences().definitions(&[key]).await?.remove(&key);
    let here = definition
        .as_ref()
        .and_then(|definition| definition.step(&enrollment.step));
    let (Some(Step::Webhook { url, .. }), Some(lead)) = (here, repos.leads().get(enrollment.lead_id).await?)
    else {
        return Ok(Progress::Done);
    };
    let data = json!({
        "type": "sequence.step",
        "timestamp": app.now(),
        "data": {
            "sequence_id": sequence.id,
            "sequence_name": sequence.name,
            "enrollment_id": enrollment.id,
            "step": enrollment.step,
            "lead_id": lead.id,
            "lead": merge_fields(&lead),
            "tags": lead.tags,
            "stage": lead.stage,
        },
    });
    let failure = call(app, &sequence, url, job, &data.to_string()).await;
    let attempt = usize::try_from(enrollment.attempt).unwrap_or(usize::MAX);
    let pause = PAUSES.get(attempt);
    if let (Some(reason), Some(pause)) = (&failure, pause) {
        tracing::debug!(%reason, sequence = %sequence.id, "a webhook did not take it");
        let unit = app.store.begin(scope).await?;
        let counted = unit.sequences().tried(enrollment.id, job.taken).await?;
        unit.commit().await?;
        return Ok(if counted {
            Progress::ContinueAt(app.now() + TimeDelta::seconds(*pause))
        } else {
            Progress::Done
        });
    }
    if let Some(reason) = &failure {
        tracing::warn!(%reason, sequence = %sequence.id, "a webhook was given up");
    }
    let unit = app.store.begin(scope).await?;
    let took_it = failure.is_none();
    if unit
        .sequences()
        .answered(enrollment.id, job.taken, took_it, app.now())
        .await?
    {
        wake::soon(app, unit.as_ref()).await?;
        unit.commit().await?;
    }
    Ok(Progress::Done)
}

/// Why it did not take it, if it did not.
async fn call(
    app: &App,
    sequence: &Sequence,
    url: &str,
    job: &CallSequenceWebhook,
    body: &str,
) -> Option<String> {
    let Ok(url) = Url::parse(url) else {
        return Some("the address can't be read".into());
    };
    let id = format!("msg_{}", job.message_id.simple());
    let time = app.now().timestamp().to_string();
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret(app, sequence.id).as_bytes()) else {
        return Some("the signature can't be made".into());
    };
    mac.update(format!("{id}.{time}.{body}").as_bytes());
    let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    let request = FetchRequest {
        method: FetchMethod::Post,
        headers: vec![
            ("content-type".to_owned(), "application/json".into()),
            ("webhook-id".to_owned(), id.into()),
            ("webhook-timestamp".to_owned(), time.into()),
            ("webhook-signature".to_owned(), signature.into()),
        ],
        body: Some(body.as_bytes().to_vec()),
        max_bytes: MOST_BYTES,
        truncate: true,
        timeout: TIMEOUT,
        follow: false,
        ..FetchRequest::get(url)
    };
    match app.egress.get(request).await {
        Ok(answer) if answer.is_success() => None,
        Ok(answer) => Some(format!("it answers {}", answer.status)),
        Err(error) => Some(error.to_string()),
    }
}
