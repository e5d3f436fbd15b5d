//! The job that works through a file in short transactions.

use super::dry::{DryRun, dry_run};
use super::merge::read_rows;
use super::plan::ImportPlan;
use super::source::{self, Source};
use super::write::{Read, write};
use crate::jobs::{Progress, Stop};
use crate::{App, organization};
use futures_util::future;
use groundswell_domain::identity::Permission;
use groundswell_domain::leads::{Import, Place, RunImport};
use groundswell_domain::{Error, ImportId, JobId, Scope};

/// Lines in one transaction.
pub(super) const PIECE: usize = 1000;
/// Of the bad lines so many are kept; the others are counted.
pub(super) const MOST_ERRORS: usize = 10_000;

pub async fn get_import(app: &App, scope: &Scope, id: ImportId) -> Result<Import, Error> {
    scope.require(Permission::LeadsRead)?;
    scope.require_whole_organization()?;
    app.store
        .read(scope)
        .imports()
        .get(id)
        .await?
        .ok_or(Error::NotFound { what: "import" })
}

/// The job. It can be killed anywhere: each piece moves the import on in the transaction that writes its leads.
pub async fn run_import(app: &App, scope: &Scope, job: &RunImport, stop: &Stop) -> Result<Progress, Error> {
    let repos = app.store.read(scope);
    let Some(import) = repos.imports().get(job.import_id).await? else {
        return Ok(Progress::Done);
    };
    let plan = match source::plan(repos.as_ref(), &import).await {
        Ok(Some(plan)) => plan,
        Ok(None) => return Ok(Progress::Done),
        Err(error @ Error::Invalid(_)) => {
            let error = error.to_string();
            repos.imports().finish(import.id, Some(&error), app.now()).await?;
            return Ok(Progress::Done);
        }
        Err(error) => return Err(error),
    };
    repos.imports().set_running(import.id).await?;
    if import.dry_run {
        return finish_dry(
            app,
            scope,
            &import,
            dry_run(app, scope, &import, &plan, stop).await?,
        )
        .await;
    }
    let mut source = Source::new(app, scope, &import, &plan, import.place);
    let mut from = import.place.offset;
    let mut failed = usize::try_from(import.counts.failed).map_err(Error::internal)?;
    let mut next = understood(&mut source, &plan).await?;
    while let Some(read) = next {
        if stop.is_set() {
            return Ok(Progress::ContinueAt(app.now()));
        }
        let to = source.place();
        let room = MOST_ERRORS.saturating_sub(failed);
        let piece = Piece { read, from, to, room };
        // The next lines are read while the database takes these.
        let (written, then) =
            future::join(keep(app, scope, &import, piece), understood(&mut source, &plan)).await;
        let Some(bad) = written? else {
            // Another worker has taken over; it will finish the rest.
            return Ok(Progress::Done);
        };
        failed += usize::try_from(bad).map_err(Error::internal)?;
        from = to.offset;
        next = then?;
    }
    if source.is_complete() {
        repos.imports().finish(import.id, None, app.now()).await?;
    }
    Ok(Progress::Done)
}

/// The next lines, understood; `None` at the end.
async fn understood(source: &mut Source, plan: &ImportPlan) -> Result<Option<Read>, Error> {
    let lines = source.read(PIECE).await?;
    Ok((!lines.is_empty()).then(|| read_rows(plan, &lines)))
}

/// Lines that are written in one transaction.
struct Piece {
    read: Read,
    from: i64,
    to: Place,
    /// So many errors can still be kept.
    room: usize,
}

/// How many of the lines were bad; `None` when somebody else has written them.
async fn keep(app: &App, scope: &Scope, import: &Import, piece: Piece) -> Result<Option<i64>, Error> {
    let region = organization::region(app, scope).await?;
    let unit = app.store.begin(scope).await?;
    let (counts, mut errors) = write(app, scope, unit.as_ref(), import, piece.read, region).await?;
    errors.truncate(piece.room);
    if !unit
        .imports()
        .advance(import.id, piece.from, piece.to, counts, &errors)
        .await?
    {
        return Ok(None);
    }
    // Whatever a crash of the database takes with it, is written again: how far the import is goes with it.
    unit.commit_soon().await?;
    Ok(Some(counts.failed))
}

async fn finish_dry(app: &App, scope: &Scope, import: &Import, end: DryRun) -> Result<Progress, Error> {
    let error = match end {
        DryRun::Stopped => return Ok(Progress::ContinueAt(app.now())),
        DryRun::Refused(why) => Some(why),
        DryRun::Done(place, counts, errors) => {
            let unit = app.store.begin(scope).await?;
            if unit
                .imports()
                .advance(import.id, 0, place, counts, &errors)
                .await?
            {
                unit.commit().await?;
            }
            None
        }
    };
    let repos = app.store.read(scope);
    repos
        .imports()
        .finish(import.id, error.as_deref(), app.now())
        .await?;
    Ok(Progress::Done)
}

/// For a job that will not run again: people's data in the file is not kept for nothing.
pub async fn give_up_import(app: &App, scope: &Scope, job: JobId) -> Result<(), Error> {
    let unit = app.store.begin(scope).await?;
    let error = "its job failed for good: upload the file again";
    unit.imports().give_up(job, error, app.now()).await?;
    Ok(unit.commit().await?)
}

/// The same for an import that runs without a job.
pub async fn fail_import(app: &App, scope: &Scope, id: ImportId, why: &str) -> Result<(), Error> {
    scope.require(Permission::LeadsWrite)?;
    let repos = app.store.read(scope);
    Ok(repos.imports().finish(id, Some(why), app.now()).await?)
}
