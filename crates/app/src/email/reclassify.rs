//! Judging everything that is kept of opens and clicks by the rules of today.

use super::verdicts::look_again;
use crate::audit::{self, Event};
use crate::jobs::{Progress, Stop};
use crate::{App, effect};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::email::classify::ReclassifyEvents;
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::jobs::NewJob;
use groundswell_domain::{Error, JobId, Scope};
use serde::Serialize;

/// Mails that are looked up at once.
const PIECE: u32 = 100;

/// The job that does it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reclassifying {
    pub job_id: JobId,
}

/// Begins to judge all events anew. Needs the right to change campaigns: it may change the numbers of all of them.
pub async fn reclassify_events(app: &App, scope: &Scope) -> Result<Reclassifying, Error> {
    scope.require(Permission::CampaignsWrite)?;
    let now = app.now();
    let job = NewJob::new(app.id(), &ReclassifyEvents { after: None }, now);
    let unit = app.store.begin(scope).await?;
    unit.jobs().enqueue(&job, now).await?;
    audit::record(
        app,
        scope,
        unit.as_ref(),
        Event::of(AuditAction::EventsReclassified, job.id),
    )
    .await?;
    let answer = Reclassifying { job_id: job.id };
    effect::commit(app, scope, unit, Outcome::Accepted, &answer).await?;
    Ok(answer)
}

/// The job. Judging twice changes nothing, so that it begins again where it was stopped, or at the start after a crash.
pub async fn reclassify(
    app: &App,
    scope: &Scope,
    job: &ReclassifyEvents,
    stop: &Stop,
) -> Result<Progress, Error> {
    let mut after = job.after;
    loop {
        let messages = app.store.read(scope).messages().with_events(after, PIECE).await?;
        if stop.is_set() {
            return Ok(Progress::ContinueAt(app.now()));
        }
        let mut changed = 0;
        for message in &messages {
            // A transaction for each: a mail is locked before leads and numbers, also those of the mail before it.
            let unit = app.store.begin(scope).await?;
            changed += u32::from(look_again(app, scope, unit.as_ref(), *message).await?);
            unit.commit().await?;
        }
        tracing::debug!(
            mails = messages.len(),
            changed,
            "opens and clicks were judged again"
        );
        match messages.last() {
            Some(last) if messages.len() == PIECE as usize => after = Some(*last),
            _ => return Ok(Progress::Done),
        }
    }
}
