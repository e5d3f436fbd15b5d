//! Create, read, replace, delete; and start.

use super::commands::{NewLeadSource, SyncLeads, SyncStarted, SyncedSource};
use crate::audit::{self, Event};
use crate::{App, effect, version};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::jobs::NewJob;
use groundswell_domain::leads::{
    AuthKind, LeadSource, OnExisting, SourceRules, SourceSort, SourceState, SyncSource,
};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, Page, PageRequest, Scope, SourceId};
use serde_json::json;

const MISSING: Error = Error::NotFound { what: "source" };
/// Sources that one request pulls from.
const MOST: u32 = 100;

/// Sources are the organization's. Who has a secret sent somewhere must be one who may manage secrets.
fn may_write(scope: &Scope, new: Option<&NewLeadSource>) -> Result<(), Error> {
    scope.require(Permission::LeadsWrite)?;
    scope.require_whole_organization()?;
    if new.is_some_and(|new| new.auth.kind != AuthKind::None) {
        scope.require(Permission::SecretsManage)?;
    }
    Ok(())
}

fn rules(new: &NewLeadSource) -> SourceRules {
    SourceRules {
        auth: new.auth.clone(),
        pointer: new.pointer.clone().filter(|pointer| !pointer.is_empty()),
        next_pointer: new.next_pointer.clone(),
        since_parameter: new.since_parameter.clone(),
        mapping: new.mapping.clone(),
        tags: new.tags.clone(),
        on_existing: new.on_existing.unwrap_or(OnExisting::Overwrite),
    }
}

pub async fn create_source(app: &App, scope: &Scope, new: NewLeadSource) -> Result<LeadSource, Error> {
    may_write(scope, Some(&new))?;
    let now = app.now();
    let mut source = LeadSource {
        id: app.id(),
        rules: rules(&new),
        name: new.name,
        kind: new.kind,
        url: new.url,
        state: SourceState::default(),
        last_run: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    check(&mut source)?;
    let unit = app.store.begin(scope).await?;
    unit.lead_sources().insert(&source).await?;
    let event = Event::of(AuditAction::LeadSourceCreated, source.id).after(told(&source));
    audit::record(app, scope, unit.as_ref(), event).await?;
    effect::commit(app, scope, unit, Outcome::Created, &source).await?;
    Ok(source)
}

fn check(source: &mut LeadSource) -> Result<(), Error> {
    let mut problems = Problems::new();
    source.check(&mut problems);
    problems.finish()
}

/// For the audit log: where data comes from, without the address's query.
fn told(source: &LeadSource) -> serde_json::Value {
    let host = url::Url::parse(&source.url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    json!({ "name": source.name, "kind": source.kind, "host": host, "auth": source.rules.auth.kind })
}

pub async fn get_source(app: &App, scope: &Scope, id: SourceId) -> Result<LeadSource, Error> {
    scope.require(Permission::LeadsRead)?;
    scope.require_whole_organization()?;
    app.store.read(scope).lead_sources().get(id).await?.ok_or(MISSING)
}

pub async fn list_sources(
    app: &App,
    scope: &Scope,
    page: &PageRequest<SourceSort>,
) -> Result<Page<LeadSource>, Error> {
    scope.require(Permission::LeadsRead)?;
    scope.require_whole_organization()?;
    Ok(app.store.read(scope).lead_sources().list(page).await?)
}

/// A changed source is pulled from its beginning: what was remembered was of the former one.
pub async fn replace_source(
    app: &App,
    scope: &Scope,
    id: SourceId,
    new: NewLeadSource,
    expected: Option<i32>,
) -> Result<LeadSource, Error> {
    may_write(scope, Some(&new))?;
    let unit = app.store.begin(scope).await?;
    let old = unit.lead_sources().get(id).await?.ok_or(MISSING)?;
    let current = old.version;
    version::check("source", current, expected)?;
    let before = told(&old);
    let mut source = LeadSource {
        rules: rules(&new),
        name: new.name,
        kind: new.kind,
        url: new.url,
        state: SourceState {
            import: old.state.import,
            ..SourceState::default()
        },
        updated_at: app.now(),
        version: current + 1,
        ..old
    };
    check(&mut source)?;
    version::written(
        "source",
        unit.lead_sources().update(&source, current).await?,
        current,
    )?;
    let event = Event::of(AuditAction::LeadSourceUpdated, id)
        .before(before)
        .after(told(&source));
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    Ok(source)
}

/// What was pulled from it stays.
pub async fn delete_source(app: &App, scope: &Scope, id: SourceId) -> Result<(), Error> {
    may_write(scope, None)?;
    let unit = app.store.begin(scope).await?;
    if !unit.lead_sources().delete(id).await? {
        return Err(MISSING);
    }
    let event = Event::of(AuditAction::LeadSourceDeleted, id);
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    Ok(())
}

/// A job for each source. One that waits or runs already is not started twice.
pub async fn sync_leads(app: &App, scope: &Scope, which: SyncLeads) -> Result<SyncStarted, Error> {
    may_write(scope, None)?;
    let mut named = which.source_ids;
    named.sort_unstable();
    named.dedup();
    if named.len() > MOST as usize {
        return Err(Error::invalid("source_ids", format!("must be at most {MOST}")));
    }
    let now = app.now();
    let unit = app.store.begin(scope).await?;
    let found = unit.lead_sources().ids(&named, which.kind, MOST).await?;
    if which.kind.is_none() && found.len() < named.len() {
        return Err(MISSING);
    }
    let mut sources = Vec::with_capacity(found.len());
    for source_id in found {
        let job = NewJob::new(app.id(), &SyncSource { source_id }, now).unique(format!("sync:{source_id}"));
        sources.push(SyncedSource {
            source_id,
            job_id: unit.jobs().enqueue(&job, now).await?,
        });
    }
    let started = SyncStarted { sources };
    effect::commit(app, scope, unit, Outcome::Accepted, &started).await?;
    Ok(started)
}
