//! Takes an import back.

use crate::audit::{self, Event};
use crate::jobs::{Progress, Stop};
use crate::leads::commands::ImportStarted;
use crate::{App, effect, scoring};
use chrono::TimeDelta;
use groundswell_domain::audit::AuditAction;
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::jobs::NewJob;
use groundswell_domain::leads::{Import, ImportStatus, UNDO_DAYS, UndoImport};
use groundswell_domain::{Error, ImportId, Scope};
use serde_json::json;

/// Leads in one transaction.
const PIECE: u32 = 500;

/// Puts the job into the queue. Asked again while it runs, it answers with the same job.
pub async fn undo_import(app: &App, scope: &Scope, id: ImportId) -> Result<ImportStarted, Error> {
    scope.require(Permission::LeadsWrite)?;
    scope.require_whole_organization()?;
    let now = app.now();
    let unit = app.store.begin(scope).await?;
    let import = unit.imports().get(id).await?;
    let import = import.ok_or(Error::NotFound { what: "import" })?;
    if let Some((code, why)) = obstacle(&import, now) {
        return Err(Error::conflict(code, why));
    }
    if !unit.imports().start_undo(id).await? {
        return Err(Error::conflict(
            "import_state",
            "the import has just changed: look at it again",
        ));
    }
    let job = NewJob::new(app.id(), &UndoImport { import_id: id }, now).unique(format!("undo-import:{id}"));
    let started = ImportStarted {
        import_id: id,
        job_id: unit.jobs().enqueue(&job, now).await?,
    };
    let event = Event::of(AuditAction::ImportUndone, id).after(json!({ "file_name": import.file_name }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    effect::commit(app, scope, unit, Outcome::Accepted, &started).await?;
    Ok(started)
}

/// Why an import can't be undone.
fn obstacle(import: &Import, now: chrono::DateTime<chrono::Utc>) -> Option<(&'static str, String)> {
    if import.dry_run {
        return Some(("nothing_to_undo", "a dry run has changed nothing".into()));
    }
    match import.status {
        ImportStatus::Receiving | ImportStatus::Queued | ImportStatus::Running => Some((
            "import_running",
            "the import has not ended: wait for it, or cancel its job".into(),
        )),
        ImportStatus::Undone => Some(("import_undone", "the import is undone already".into())),
        ImportStatus::Succeeded | ImportStatus::Failed | ImportStatus::Undoing => {
            let is_late = now - import.created_at >= TimeDelta::days(UNDO_DAYS);
            is_late.then(|| {
                let why = format!("an import can be undone for {UNDO_DAYS} days");
                ("too_late", why)
            })
        }
    }
}

/// The job. What is done to some leads and that it is done are one transaction.
pub async fn run_undo(app: &App, scope: &Scope, job: &UndoImport, stop: &Stop) -> Result<Progress, Error> {
    loop {
        if stop.is_set() {
            return Ok(Progress::ContinueAt(app.now()));
        }
        let unit = app.store.begin(scope).await?;
        let undone = unit.imports().undo(job.import_id, PIECE).await?;
        let is_done = undone.counts.sum() == 0;
        // What the rules say of them now: the model may be another one than before the import, and points decay.
        let scorers = scoring::scorers(app, scope.organization, unit.as_ref()).await?;
        let restored = &undone.restored;
        unit.scoring().rescore(&scorers, restored, app.now()).await?;
        if is_done {
            unit.imports().end_undo(job.import_id).await?;
        }
        unit.commit().await?;
        if is_done {
            return Ok(Progress::Done);
        }
    }
}
