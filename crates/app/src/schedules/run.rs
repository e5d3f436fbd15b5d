//! One run: its job, whoever asks for it.

use super::commands::RunStarted;
use super::{MISSING, action};
use crate::audit::{self, Event};
use crate::jobs::Progress;
use crate::{App, effect};
use chrono::{DateTime, Utc};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::jobs::{Cause, NewJob, ScheduledRun};
use groundswell_domain::schedules::{RunSchedule, Schedule, unique_key};
use groundswell_domain::{Error, JobId, ScheduleId, Scope, UnitOfWork};
use serde_json::json;

/// Runs it now, also while it is paused. Its own moments stay as they are.
pub async fn run_schedule(app: &App, scope: &Scope, id: ScheduleId) -> Result<RunStarted, Error> {
    scope.require(Permission::JobsManage)?;
    let now = app.now();
    let unit = app.store.begin(scope).await?;
    let mut schedule = unit.schedules().get_locked(id).await?.ok_or(MISSING)?;
    action::may(scope, &schedule.action)?;
    let running = unit.schedules().running(id, schedule.action.kinds()).await?;
    if running >= schedule.policy().max_instances {
        return Err(Error::conflict(
            "schedule_busy",
            format!(
                "{running} runs of this schedule go on, and max_instances is {}: wait for one of them, or cancel its jobs",
                schedule.max_instances
            ),
        ));
    }
    let job_id = enqueue(app, unit.as_ref(), &schedule, now, scope.cause()).await?;
    schedule.ran(now);
    unit.schedules().moved_on(&schedule).await?;
    let event = Event::of(AuditAction::ScheduleRun, id).after(json!({ "job_id": job_id }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    let started = RunStarted { job_id };
    effect::commit(app, scope, unit, Outcome::Accepted, &started).await?;
    Ok(started)
}

/// The job of one moment, in the transaction in which the schedule moves on.
pub(super) async fn enqueue(
    app: &App,
    unit: &dyn UnitOfWork,
    schedule: &Schedule,
    moment: DateTime<Utc>,
    cause: Cause,
) -> Result<JobId, Error> {
    let payload = RunSchedule {
        action: schedule.action,
        makes: app.id(),
    };
    let run = ScheduledRun {
        schedule: schedule.id,
        moment,
    };
    let now = app.now();
    let job = NewJob::new(app.id(), &payload, now)
        .unique(unique_key(schedule.id, moment))
        .caused_by(Cause {
            run: Some(run),
            ..cause
        });
    Ok(unit.jobs().enqueue(&job, now).await?)
}

/// The job.
pub async fn run_scheduled(app: &App, scope: &Scope, job: &RunSchedule) -> Result<Progress, Error> {
    action::perform(app, scope, job).await?;
    Ok(Progress::Done)
}
