//! Whether new leads are enriched by themselves.

use super::commands::SettingsPatch;
use crate::App;
use crate::audit::{self, Event};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::enrichment::{EnrichNewLeads, EnrichmentSettings};
use groundswell_domain::identity::Permission;
use groundswell_domain::jobs::{JobPayload, NewJob};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, Scope};
use serde_json::json;

pub async fn get_settings(app: &App, scope: &Scope) -> Result<EnrichmentSettings, Error> {
    scope.require(Permission::OrganizationManage)?;
    let found = app.store.read(scope).enrichment().settings().await?;
    Ok(found.unwrap_or_else(|| EnrichmentSettings::initial(app.now())))
}

/// Turned on, it is for leads that come from now on; a job looks for them until it is turned off.
pub async fn update_settings(
    app: &App,
    scope: &Scope,
    patch: SettingsPatch,
) -> Result<EnrichmentSettings, Error> {
    scope.require(Permission::OrganizationManage)?;
    let now = app.now();
    let unit = app.store.begin(scope).await?;
    let old = unit.enrichment().settings_locked().await?;
    let old = old.unwrap_or_else(|| EnrichmentSettings::initial(now));
    let mut new = EnrichmentSettings {
        automatic: patch.automatic.unwrap_or(old.automatic),
        daily_budget: patch.daily_budget.unwrap_or(old.daily_budget),
        ..old
    };
    let most = EnrichmentSettings::LARGEST_BUDGET;
    let mut problems = Problems::new();
    problems.check(
        (0..=most).contains(&new.daily_budget),
        "daily_budget",
        format!("must be 0 to {most}"),
    );
    problems.finish()?;
    if new.automatic && !old.automatic {
        // Ids follow the clock: whoever comes later has a larger one.
        new.seen = Some(app.id());
    }
    unit.enrichment().keep_settings(&new).await?;
    if new.automatic {
        let job = NewJob::new(app.id(), &EnrichNewLeads {}, now).unique(EnrichNewLeads::KIND);
        unit.jobs().enqueue(&job, now).await?;
    }
    let about = |settings: &EnrichmentSettings| json!({ "automatic": settings.automatic, "daily_budget": settings.daily_budget });
    let event = Event::of(AuditAction::EnrichmentUpdated, scope.organization)
        .before(about(&old))
        .after(about(&new));
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    Ok(new)
}
