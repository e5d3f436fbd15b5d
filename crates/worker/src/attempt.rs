//! One attempt at one job.

use crate::registry::{Trouble, dispatch};
use crate::runner::WorkerSettings;
use futures_util::FutureExt;
use groundswell_app::jobs::{Progress, Stop};
use groundswell_app::{App, leads};
use groundswell_domain::jobs::{ClaimedJob, JobEnd, JobPayload, backoff};
use groundswell_domain::leads::RunImport;
use groundswell_domain::{Error, Scope};
use std::panic::AssertUnwindSafe;
use tracing::Instrument;

/// Runs the handler under a heartbeat and writes down the end. A lost lease means that the end is someone else's to write.
pub(crate) async fn attempt(app: App, settings: WorkerSettings, job: ClaimedJob, stop: Stop) {
    let mut scope = Scope::job(job.organization, app.request_id());
    if let Some(cause) = job.cause {
        scope = scope.caused_by(cause);
    }
    let span = tracing::info_span!(
        "job",
        kind = %job.kind,
        id = %job.id,
        attempt = job.attempt,
        organization = %job.organization,
        request_id = %scope.request,
        trace_id = tracing::field::Empty,
        schedule = tracing::field::Empty,
    );
    if let Some(trace) = scope.trace {
        span.record("trace_id", trace.trace_id());
    }
    if let Some(run) = scope.run {
        span.record("schedule", tracing::field::display(run.schedule));
    }
    async {
        let started = std::time::Instant::now();
        // A handler that panics must not take the worker with it.
        let handler = AssertUnwindSafe(dispatch(&app, &scope, &job, &stop)).catch_unwind();
        let result = tokio::select! {
            result = handler => result,
            () = heartbeat(&app, &settings, &job, &stop) => return,
        };
        let end = match result {
            Ok(result) => end_of(&app, &job, result),
            Err(_) => failed(&app, &job, "the handler panicked; the log has the place"),
        };
        record(&job, &end, started.elapsed());
        match app.system.jobs().finish(job.id, job.lease, &end, app.now()).await {
            Ok(true) => give_up(&app, &scope, &job, &end).await,
            Ok(false) => tracing::warn!("the job was cancelled or taken over meanwhile: its result is dropped"),
            Err(error) => tracing::error!(%error, "the end of a job could not be written; it runs again when its lease is over"),
        }
    }
    .instrument(span)
    .await;
}

/// Keeps the lease alive. Returns when it is lost for good and the handler has had its chance to stop.
async fn heartbeat(app: &App, settings: &WorkerSettings, job: &ClaimedJob, stop: &Stop) {
    let mut ticks = tokio::time::interval(settings.heartbeat);
    ticks.tick().await;
    loop {
        ticks.tick().await;
        let until = app.now() + settings.lease();
        match app.system.jobs().heartbeat(job.id, job.lease, until).await {
            Ok(true) => {}
            Ok(false) => {
                tracing::warn!("lost the lease: stopping");
                stop.set();
                // What is on its way to a mail server is settled under the ledger's own lease, so give it the time.
                tokio::time::sleep(settings.drain).await;
                return;
            }
            Err(error) => tracing::warn!(%error, "no heartbeat: the database does not answer"),
        }
    }
}

fn end_of(app: &App, job: &ClaimedJob, result: Result<Progress, Trouble>) -> JobEnd {
    match result {
        Ok(Progress::Done) => JobEnd::Succeeded,
        Ok(Progress::ContinueAt(at)) => JobEnd::Continue { at },
        Err(Trouble::Undecodable(error)) => {
            tracing::error!(%error, "job discarded");
            JobEnd::Discarded { error }
        }
        Err(Trouble::Failed(Error::Internal(source))) => {
            tracing::error!(error = %source, "job failed");
            failed(app, job, &source.to_string())
        }
        Err(Trouble::Failed(error)) => {
            tracing::warn!(%error, "job failed");
            failed(app, job, &error.to_string())
        }
    }
}

/// What the job leaves behind when it is not tried again.
async fn give_up(app: &App, scope: &Scope, job: &ClaimedJob, end: &JobEnd) {
    let is_last = match end {
        JobEnd::Failed { .. } => job.attempt >= job.max_attempts,
        JobEnd::Discarded { .. } => true,
        JobEnd::Succeeded | JobEnd::Continue { .. } => false,
    };
    if is_last
        && job.kind == RunImport::KIND
        && let Err(error) = leads::give_up_import(app, scope, job.id).await
    {
        tracing::error!(%error, "the file of an import that failed could not be deleted: it is in a week");
    }
}

fn failed(app: &App, job: &ClaimedJob, error: &str) -> JobEnd {
    let wait = backoff(u32::try_from(job.attempt).unwrap_or(1), app.jitter());
    JobEnd::Failed {
        error: error.chars().take(2000).collect(),
        at: app.now() + wait,
    }
}

fn record(job: &ClaimedJob, end: &JobEnd, took: std::time::Duration) {
    let outcome = match end {
        JobEnd::Succeeded => "succeeded",
        JobEnd::Continue { .. } => "continued",
        JobEnd::Failed { .. } => "failed",
        JobEnd::Discarded { .. } => "discarded",
    };
    metrics::counter!("jobs_total", "kind" => job.kind.clone(), "outcome" => outcome).increment(1);
    metrics::histogram!("job_duration_seconds", "kind" => job.kind.clone()).record(took.as_secs_f64());
}
