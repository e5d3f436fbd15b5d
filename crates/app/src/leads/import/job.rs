//! Starting an import, and the job that works through the file in short transactions.

use super::merge::{self, Changes, Known};
use super::plan::ImportPlan;
use super::reader::{Line, LineReader};
use super::row::Row;
use super::text;
use crate::audit::{self, Event};
use crate::leads::commands::{ImportStarted, Upload};
use crate::{App, effect, email, organization};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::jobs::NewJob;
use groundswell_domain::leads::{Import, ImportCounts, ImportError, ImportStatus, Lead, RunImport, Tags};
use groundswell_domain::region::Region;
use groundswell_domain::{Error, ImportId, JobId, Repos, Scope, UnitOfWork};
use serde_json::json;
use std::collections::HashMap;

/// Lines in one transaction.
const PIECE: usize = 500;
/// A dry run imagines every lead of the file, so a file must not have any number of them.
const MOST_LINES: usize = 250_000;
/// Of the bad lines so many are kept; the others are counted.
const MOST_ERRORS: usize = 10_000;

/// Keeps the file and puts the job into the queue. A file whose columns can't be understood is refused at once.
pub async fn start_import(app: &App, scope: &Scope, upload: Upload) -> Result<ImportStarted, Error> {
    scope.require(Permission::LeadsWrite)?;
    scope.require_whole_organization()?;
    let content = text::decode(&upload.content);
    if content.lines().take(MOST_LINES + 2).count() > MOST_LINES + 1 {
        let message = format!("has more than {MOST_LINES} lines: split it");
        return Err(Error::invalid("file", message));
    }
    let plan = ImportPlan::new(&content, &upload.mapping)?;
    let now = app.now();
    let import = Import {
        id: app.id(),
        file_name: upload
            .file_name
            .chars()
            .filter(|c| !c.is_control())
            .take(200)
            .collect(),
        status: ImportStatus::Queued,
        dry_run: upload.dry_run,
        mapping: plan.mapping(),
        tags: upload.tags,
        counts: ImportCounts::default(),
        error: None,
        offset: 0,
        created_at: now,
        finished_at: None,
    };
    let unit = app.store.begin(scope).await?;
    unit.imports().insert(&import, content.as_bytes()).await?;
    let job = NewJob::new(app.id(), &RunImport { import_id: import.id }, now);
    let started = ImportStarted {
        import_id: import.id,
        job_id: unit.jobs().enqueue(&job, now).await?,
    };
    let event = Event::of(AuditAction::ImportStarted, import.id)
        .after(json!({ "file_name": import.file_name, "dry_run": import.dry_run }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    effect::commit(app, scope, unit, Outcome::Accepted, &started).await?;
    Ok(started)
}

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
pub async fn run_import(app: &App, scope: &Scope, job: &RunImport) -> Result<(), Error> {
    let repos = app.store.read(scope);
    let Some(import) = repos.imports().get(job.import_id).await? else {
        return Ok(());
    };
    let Some(content) = repos.imports().content(job.import_id).await? else {
        return Ok(());
    };
    repos.imports().set_running(import.id).await?;
    let content = String::from_utf8(content).map_err(Error::internal)?;
    let plan = match ImportPlan::new(&content, &import.mapping) {
        Ok(plan) => plan,
        Err(error) => {
            return Ok(repos
                .imports()
                .finish(import.id, Some(&error.to_string()), app.now())
                .await?);
        }
    };
    if import.dry_run {
        dry_run(app, scope, &import, &plan, &content).await?;
    } else {
        let start = usize::try_from(import.offset).map_err(Error::internal)?;
        let mut reader = LineReader::new(&content, &plan, start);
        let mut from = import.offset;
        let mut failed = usize::try_from(import.counts.failed).map_err(Error::internal)?;
        loop {
            let lines = reader.read(PIECE);
            if lines.is_empty() {
                break;
            }
            let to = i64::try_from(reader.offset()).map_err(Error::internal)?;
            let region = organization::region(app, scope).await?;
            let unit = app.store.begin(scope).await?;
            let (counts, mut errors) =
                write(app, scope, unit.as_ref(), &plan, &lines, &import.tags, region).await?;
            errors.truncate(MOST_ERRORS.saturating_sub(failed));
            failed += usize::try_from(counts.failed).map_err(Error::internal)?;
            if !unit
                .imports()
                .advance(import.id, from, to, counts, &errors)
                .await?
            {
                // Another worker has taken over; it will finish the rest.
                return Ok(());
            }
            unit.commit().await?;
            from = to;
        }
    }
    Ok(repos.imports().finish(import.id, None, app.now()).await?)
}

/// Notes in the audit log that a file is imported from the command line, which has no row of its own.
pub async fn note_file_import(app: &App, scope: &Scope, file_name: &str) -> Result<(), Error> {
    scope.require(Permission::LeadsWrite)?;
    let unit = app.store.begin(scope).await?;
    let event = Event::of(AuditAction::ImportStarted, scope.organization)
        .after(json!({ "file_name": file_name, "dry_run": false }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    Ok(())
}

/// For a job that will not run again: people's data in the file is not kept for nothing.
pub async fn give_up_import(app: &App, scope: &Scope, job: JobId) -> Result<(), Error> {
    let unit = app.store.begin(scope).await?;
    let error = "its job failed for good: upload the file again";
    unit.imports().give_up(job, error, app.now()).await?;
    Ok(unit.commit().await?)
}

/// Imports some lines in one transaction of their own; for the command line, which reads the file itself.
pub async fn import_chunk(
    app: &App,
    scope: &Scope,
    plan: &ImportPlan,
    lines: &[Line],
    tags: &Tags,
) -> Result<(ImportCounts, Vec<ImportError>), Error> {
    scope.require(Permission::LeadsWrite)?;
    scope.require_whole_organization()?;
    let region = organization::region(app, scope).await?;
    let unit = app.store.begin(scope).await?;
    let done = write(app, scope, unit.as_ref(), plan, lines, tags, region).await?;
    unit.commit().await?;
    Ok(done)
}

async fn write(
    app: &App,
    scope: &Scope,
    unit: &dyn UnitOfWork,
    plan: &ImportPlan,
    lines: &[Line],
    tags: &Tags,
    region: Option<Region>,
) -> Result<(ImportCounts, Vec<ImportError>), Error> {
    let read = merge::read_rows(plan, lines);
    let (mut rows, mut counts, errors) = without_erased(app, scope, unit, read).await?;
    let leads = unit.leads();
    // Someone else may take an address between our look and our insert: those rows go round again, as updates.
    while !rows.is_empty() {
        let mut known = known(unit, &rows).await?;
        let mut changes = merge::merge(&rows, tags, &mut known, app.now(), || app.id());
        for lead in changes.inserts.iter_mut().chain(&mut changes.updates) {
            lead.read_phone(region);
        }
        leads.update_many(&changes.updates).await?;
        let added = leads.insert_many(&changes.inserts).await?;
        if added.len() == changes.inserts.len() {
            counts.add(changes.counts);
            break;
        }
        rows = lost_race(&changes, &added, rows, &mut counts);
    }
    Ok((counts, errors))
}

type Read = (Vec<Row>, ImportCounts, Vec<ImportError>);

/// Lines about people who were erased are refused, and not kept either.
async fn without_erased<R: Repos + ?Sized>(
    app: &App,
    scope: &Scope,
    repos: &R,
    (rows, mut counts, mut errors): Read,
) -> Result<Read, Error> {
    let keys: Vec<String> = rows.iter().map(|row| row.email.key()).collect();
    let erased = email::erased(app, repos, scope, &keys).await?;
    if erased.is_empty() {
        return Ok((rows, counts, errors));
    }
    let (gone, rows): (Vec<Row>, Vec<Row>) = rows
        .into_iter()
        .partition(|row| erased.contains(&row.email.key()));
    for row in gone {
        counts.failed += 1;
        errors.push(ImportError {
            line: row.line,
            field: "email".into(),
            message: "this person asked to be forgotten".into(),
            raw: String::new(),
        });
    }
    Ok((rows, counts, errors))
}

/// Counts what went through, and gives back the rows whose address was taken meanwhile.
fn lost_race(
    changes: &Changes,
    added: &[groundswell_domain::LeadId],
    rows: Vec<Row>,
    counts: &mut ImportCounts,
) -> Vec<Row> {
    let lost: Vec<String> = changes
        .inserts
        .iter()
        .filter(|lead| !added.contains(&lead.id))
        .map(|lead| lead.email.key())
        .collect();
    let (again, through): (Vec<Row>, Vec<Row>) =
        rows.into_iter().partition(|row| lost.contains(&row.email.key()));
    let created = i64::try_from(added.len()).unwrap_or_default();
    let rest = i64::try_from(through.len()).unwrap_or_default() - created;
    counts.created += created;
    // Of the rows that found their lead, as many as it said changed it; lost rows are counted in their next round.
    counts.updated += changes.counts.updated.min(rest);
    counts.unchanged += rest - changes.counts.updated.min(rest);
    again
}

/// The leads that have an address of these rows.
async fn known<R: Repos + ?Sized>(repos: &R, rows: &[Row]) -> Result<Known, Error> {
    let mut keys: Vec<String> = rows.iter().map(|row| row.email.key()).collect();
    keys.sort();
    keys.dedup();
    let leads = repos.leads().by_email_keys(&keys).await?;
    Ok(leads.into_iter().map(|lead| (lead.email.key(), lead)).collect())
}

/// Counts what the import would do, in memory: what earlier lines would have made is remembered for later ones.
async fn dry_run(
    app: &App,
    scope: &Scope,
    import: &Import,
    plan: &ImportPlan,
    content: &str,
) -> Result<(), Error> {
    let repos = app.store.read(scope);
    let mut reader = LineReader::new(content, plan, 0);
    let mut total = ImportCounts::default();
    let mut errors = Vec::new();
    let mut imagined: HashMap<String, Lead> = HashMap::new();
    loop {
        let lines = reader.read(PIECE);
        if lines.is_empty() {
            break;
        }
        let read = merge::read_rows(plan, &lines);
        let (rows, counts, wrong) = without_erased(app, scope, repos.as_ref(), read).await?;
        total.add(counts);
        errors.extend(wrong);
        errors.truncate(MOST_ERRORS);
        let mut known = known(repos.as_ref(), &rows).await?;
        for row in &rows {
            if let Some(lead) = imagined.get(&row.email.key()) {
                known.insert(row.email.key(), lead.clone());
            }
        }
        let changes = merge::merge(&rows, &import.tags, &mut known, app.now(), || app.id());
        total.add(changes.counts);
        imagined.extend(
            changes
                .inserts
                .into_iter()
                .chain(changes.updates)
                .map(|lead| (lead.email.key(), lead)),
        );
    }
    let end = i64::try_from(reader.offset()).map_err(Error::internal)?;
    let unit = app.store.begin(scope).await?;
    if unit.imports().advance(import.id, 0, end, total, &errors).await? {
        unit.commit().await?;
    }
    Ok(())
}
