//! Providers: create, read, update, delete.

use super::commands::{NewProvider, ProviderPatch};
use crate::audit::{self, Event};
use crate::{App, effect, version};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::enrichment::{Confidence, EnrichmentProvider, ProviderMethod, ProviderSort};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::validate::Problems;
use groundswell_domain::{EnrichmentProviderId, Error, Page, PageRequest, Scope};
use serde_json::json;
use std::collections::BTreeMap;

const MISSING: Error = Error::NotFound {
    what: "enrichment provider",
};

/// Who decides about providers decides where data about leads is sent.
const NEEDS: Permission = Permission::OrganizationManage;

pub async fn create_provider(
    app: &App,
    scope: &Scope,
    new: NewProvider,
) -> Result<EnrichmentProvider, Error> {
    scope.require(NEEDS)?;
    let now = app.now();
    let mut provider = EnrichmentProvider {
        id: app.id(),
        name: String::new(),
        url: String::new(),
        method: ProviderMethod::Get,
        headers: BTreeMap::new(),
        body: None,
        secret: None,
        mapping: BTreeMap::new(),
        confidence: Confidence::percent(80),
        expiry_days: 0,
        position: 0,
        enabled: true,
        rate_per_minute: 0,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    fill(&mut provider, new);
    check(&mut provider)?;
    let unit = app.store.begin(scope).await?;
    unit.enrichment().insert_provider(&provider).await?;
    let event = Event::of(AuditAction::EnrichmentProviderCreated, provider.id)
        .after(json!({ "name": provider.name, "url": provider.url }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    effect::commit(app, scope, unit, Outcome::Created, &provider).await?;
    Ok(provider)
}

fn fill(provider: &mut EnrichmentProvider, new: NewProvider) {
    provider.name = new.name;
    provider.url = new.url;
    provider.method = new.method.unwrap_or(ProviderMethod::Get);
    provider.headers = new.headers;
    provider.body = new.body;
    provider.secret = new.secret;
    provider.mapping = new.mapping;
    provider.confidence = new.confidence.unwrap_or(Confidence::percent(80));
    provider.expiry_days = new.expiry_days.unwrap_or(90);
    provider.position = new.position.unwrap_or(100);
    provider.enabled = new.enabled.unwrap_or(true);
    provider.rate_per_minute = new.rate_per_minute.unwrap_or(60);
}

fn check(provider: &mut EnrichmentProvider) -> Result<(), Error> {
    let mut problems = Problems::new();
    provider.check(&mut problems);
    problems.finish()
}

pub async fn get_provider(
    app: &App,
    scope: &Scope,
    id: EnrichmentProviderId,
) -> Result<EnrichmentProvider, Error> {
    scope.require(NEEDS)?;
    app.store
        .read(scope)
        .enrichment()
        .provider(id)
        .await?
        .ok_or(MISSING)
}

pub async fn list_providers(
    app: &App,
    scope: &Scope,
    page: &PageRequest<ProviderSort>,
) -> Result<Page<EnrichmentProvider>, Error> {
    scope.require(NEEDS)?;
    Ok(app.store.read(scope).enrichment().list_providers(page).await?)
}

pub async fn replace_provider(
    app: &App,
    scope: &Scope,
    id: EnrichmentProviderId,
    new: NewProvider,
    expected: Option<i32>,
) -> Result<EnrichmentProvider, Error> {
    change(app, scope, id, expected, |provider| fill(provider, new)).await
}

pub async fn update_provider(
    app: &App,
    scope: &Scope,
    id: EnrichmentProviderId,
    patch: ProviderPatch,
    expected: Option<i32>,
) -> Result<EnrichmentProvider, Error> {
    change(app, scope, id, expected, |provider| apply(provider, patch)).await
}

fn apply(provider: &mut EnrichmentProvider, patch: ProviderPatch) {
    fn set<T>(target: &mut T, value: Option<T>) {
        if let Some(value) = value {
            *target = value;
        }
    }
    set(&mut provider.name, patch.name);
    set(&mut provider.url, patch.url);
    set(&mut provider.method, patch.method);
    set(&mut provider.headers, patch.headers);
    patch.body.apply(&mut provider.body);
    patch.secret.apply(&mut provider.secret);
    set(&mut provider.mapping, patch.mapping);
    set(&mut provider.confidence, patch.confidence);
    set(&mut provider.expiry_days, patch.expiry_days);
    set(&mut provider.position, patch.position);
    set(&mut provider.enabled, patch.enabled);
    set(&mut provider.rate_per_minute, patch.rate_per_minute);
}

async fn change(
    app: &App,
    scope: &Scope,
    id: EnrichmentProviderId,
    expected: Option<i32>,
    edit: impl FnOnce(&mut EnrichmentProvider),
) -> Result<EnrichmentProvider, Error> {
    scope.require(NEEDS)?;
    let unit = app.store.begin(scope).await?;
    let old = unit.enrichment().provider(id).await?.ok_or(MISSING)?;
    let (mut provider, current) = (old.clone(), old.version);
    version::check("enrichment provider", current, expected)?;
    edit(&mut provider);
    check(&mut provider)?;
    provider.updated_at = app.now();
    provider.version += 1;
    let written = unit.enrichment().update_provider(&provider, current).await?;
    version::written("enrichment provider", written, current)?;
    let (before, after) = audit::changes(&old, &provider)?;
    let event = Event::of(AuditAction::EnrichmentProviderUpdated, id)
        .before(before)
        .after(after);
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    Ok(provider)
}

/// What it said stays until it expires.
pub async fn delete_provider(app: &App, scope: &Scope, id: EnrichmentProviderId) -> Result<(), Error> {
    scope.require(NEEDS)?;
    let unit = app.store.begin(scope).await?;
    let provider = unit.enrichment().provider(id).await?.ok_or(MISSING)?;
    unit.enrichment().delete_provider(id).await?;
    let event = Event::of(AuditAction::EnrichmentProviderDeleted, id)
        .before(json!({ "name": provider.name, "url": provider.url }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    Ok(unit.commit().await?)
}
