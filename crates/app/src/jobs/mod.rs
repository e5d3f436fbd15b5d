//! Background work, as people see it.

mod retention;
mod run;

pub use retention::forget_finished;
pub use run::{Progress, Stop};

use crate::audit::{self, Event};
use crate::{App, effect};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::jobs::{Job, JobFilter, JobSort};
use groundswell_domain::{Error, JobId, Page, PageRequest, Scope, StoreError, UnitOfWork};
use serde_json::json;

const MISSING: Error = Error::NotFound { what: "job" };

pub async fn list_jobs(
    app: &App,
    scope: &Scope,
    filter: &JobFilter,
    page: &PageRequest<JobSort>,
) -> Result<Page<Job>, Error> {
    scope.require(Permission::JobsRead)?;
    let waits = filter.status.is_some_and(|status| !status.is_final());
    if page.sort.field == JobSort::RunAt && !waits {
        // Finished jobs are kept by the million, and only in the order in which they came.
        return Err(Error::invalid(
            "sort",
            "run_at is for jobs that are not finished: add status=queued or status=running, or sort by created_at",
        ));
    }
    Ok(app.store.read(scope).jobs().list(filter, page).await?)
}

pub async fn get_job(app: &App, scope: &Scope, id: JobId) -> Result<Job, Error> {
    scope.require(Permission::JobsRead)?;
    app.store.read(scope).jobs().get(id).await?.ok_or(MISSING)
}

/// A queued job will not run; what a running one still does is finished, but its result is thrown away.
pub async fn cancel_job(app: &App, scope: &Scope, id: JobId) -> Result<Job, Error> {
    scope.require(Permission::JobsManage)?;
    let unit = app.store.begin(scope).await?;
    let done = unit.jobs().cancel(id, app.now()).await?;
    if done {
        unit.imports()
            .give_up(id, "its job was cancelled", app.now())
            .await?;
    }
    after(app, scope, unit, id, done, AuditAction::JobCancelled).await
}

/// Once more from the start, with all its attempts.
pub async fn retry_job(app: &App, scope: &Scope, id: JobId) -> Result<Job, Error> {
    scope.require(Permission::JobsManage)?;
    let unit = app.store.begin(scope).await?;
    let done = match unit.jobs().retry(id, app.now()).await {
        Err(StoreError::Duplicate { .. }) => {
            return Err(Error::conflict(
                "job_already_queued",
                "the same work is in the queue already",
            ));
        }
        other => other?,
    };
    after(app, scope, unit, id, done, AuditAction::JobRetried).await
}

async fn after(
    app: &App,
    scope: &Scope,
    unit: Box<dyn UnitOfWork>,
    id: JobId,
    done: bool,
    action: AuditAction,
) -> Result<Job, Error> {
    let job = unit.jobs().get(id).await?.ok_or(MISSING)?;
    if !done {
        let status = job.status.as_str();
        let verb = if action == AuditAction::JobRetried {
            "retried"
        } else {
            "cancelled"
        };
        return Err(Error::conflict(
            "job_state",
            format!("a job that is {status} can't be {verb}"),
        ));
    }
    let event = Event::of(action, id).after(json!({ "kind": job.kind, "status": job.status }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    effect::commit(app, scope, unit, Outcome::Done, &job).await?;
    Ok(job)
}
