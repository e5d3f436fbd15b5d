//! The job that pulls from one source.

use super::ask::Trouble;
use super::pull;
use crate::App;
use crate::jobs::{Progress, Stop};
use crate::leads::commands::ImportOptions;
use crate::leads::import::{fail_import, get_import, run_import};
use groundswell_domain::leads::{
    ImportCounts, LeadSource, RunImport, SourceKind, SourceRun, SyncSource, SyncStatus,
};
use groundswell_domain::{Error, Scope};
use std::time::Duration;

const INTERRUPTED: &str = "its sync was interrupted; what came before is in, and the next sync began anew";
const STOPPED: &str = "its sync stopped in the middle; what came before is in, and the next sync begins anew";
const OURS: &str = "something went wrong here, not at the source: it is tried again";

/// The job. Run twice, the second run finds what the first one wrote unchanged.
pub async fn run_sync(app: &App, scope: &Scope, job: &SyncSource, stop: &Stop) -> Result<Progress, Error> {
    let repos = app.store.read(scope);
    let Some(mut source) = repos.lead_sources().get(job.source_id).await? else {
        return Ok(Progress::Done);
    };
    end_former(app, scope, &mut source).await?;
    let mut run = SourceRun {
        status: SyncStatus::Succeeded,
        unmodified: false,
        ignored_keys: Vec::new(),
        import_id: None,
        counts: ImportCounts::default(),
        error: None,
        started_at: app.now(),
        finished_at: app.now(),
    };
    let ended = sync(app, scope, &mut source, &mut run, stop).await;
    run.finished_at = app.now();
    let (why, later) = match ended {
        Ok(more) => {
            repos.lead_sources().ran(&source, &run).await?;
            return Ok(if more {
                Progress::ContinueAt(app.now())
            } else {
                Progress::Done
            });
        }
        Err(Trouble::Final(why)) => (why, false),
        Err(Trouble::Later(why)) => (why, true),
        Err(Trouble::Ours(error)) => {
            run.status = SyncStatus::Failed;
            run.error = Some(OURS.to_owned());
            // Whatever broke may keep us from telling it, and is the error that counts.
            if let Err(error) = repos.lead_sources().ran(&source, &run).await {
                tracing::warn!(%error, "how a sync failed could not be written down");
            }
            return Err(error);
        }
    };
    run.status = SyncStatus::Failed;
    run.error = Some(why.clone());
    repos.lead_sources().ran(&source, &run).await?;
    if later {
        return Err(Error::Unavailable {
            message: why,
            retry_after: Duration::from_mins(1),
        });
    }
    Ok(Progress::Done)
}

/// An import of this source that nobody works at any more: its worker died. As long as it looks running, its file stays and it
/// can't be undone.
async fn end_former(app: &App, scope: &Scope, source: &mut LeadSource) -> Result<(), Error> {
    let Some(former) = source.state.import.take() else {
        return Ok(());
    };
    let repos = app.store.read(scope);
    repos.imports().abandon(former).await?;
    repos
        .imports()
        .finish(former, Some(INTERRUPTED), app.now())
        .await?;
    Ok(())
}

/// True when there is more at once.
async fn sync(
    app: &App,
    scope: &Scope,
    source: &mut LeadSource,
    run: &mut SourceRun,
    stop: &Stop,
) -> Result<bool, Trouble> {
    let pulled = match source.kind {
        SourceKind::CsvUrl => pull::file(app, scope, source).await?,
        SourceKind::JsonUrl => pull::records(app, scope, source, run.started_at).await?,
        SourceKind::Groundswell => pull::leads(app, scope, source, stop).await?,
    };
    run.ignored_keys = pulled.ignored_keys;
    let Some(receiver) = pulled.receiver else {
        run.unmodified = true;
        source.state = pulled.state;
        return Ok(false);
    };
    let is_text = source.kind != SourceKind::CsvUrl;
    let options = ImportOptions {
        mapping: source.rules.mapping.clone(),
        tags: source.rules.tags.clone(),
        delimiter: is_text.then(|| ",".to_owned()),
        header: is_text.then_some(true),
        on_existing: source.rules.on_existing,
        ..ImportOptions::default()
    };
    let import = receiver.start_here(options).await?;
    run.import_id = Some(import.id);
    let work = RunImport { import_id: import.id };
    // To its end: what is pulled is bounded, and begun anew it would be another import.
    if let Err(error) = run_import(app, scope, &work, &Stop::default()).await {
        if let Err(error) = fail_import(app, scope, import.id, STOPPED).await {
            tracing::warn!(%error, "an import could not be ended: the next sync of its source does");
            source.state.import = Some(import.id);
        }
        // What is wrong with the file the import tells itself.
        return Err(Trouble::Ours(error));
    }
    let import = get_import(app, scope, import.id).await?;
    run.counts = import.counts;
    if let Some(error) = import.error {
        return Err(Trouble::Final(error));
    }
    source.state = pulled.state;
    Ok(pulled.more)
}
