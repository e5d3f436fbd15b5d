//! Create, read, update, delete rules.
//!
//! One set of an organization at most is enabled; enabling another one takes its place. Whatever changes what the enabled rules say
//! begins a run over all leads, in the same transaction.

use super::commands::{RuleSetInput, RuleSetPatch};
use super::run::begin_run;
use crate::audit::{self, Event};
use crate::{App, effect, version};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::qualification::{RuleSet, RuleSetSort};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, Page, PageRequest, RuleSetId, Scope, StoreError};
use serde::Serialize;
use serde_json::json;

const WHAT: &str = "qualification rules";
pub(super) const MISSING: Error = Error::NotFound { what: WHAT };

fn allow(scope: &Scope, permission: Permission) -> Result<(), Error> {
    scope.require(permission)?;
    scope.require_whole_organization()
}

pub async fn list_rules(
    app: &App,
    scope: &Scope,
    enabled: Option<bool>,
    page: &PageRequest<RuleSetSort>,
) -> Result<Page<RuleSet>, Error> {
    allow(scope, Permission::LeadsRead)?;
    let repos = app.store.read(scope);
    let mut page = repos.qualification().list(enabled, page).await?;
    let run = repos.qualification().run().await?;
    for rules in page.items.iter_mut().filter(|rules| rules.enabled) {
        rules.run.clone_from(&run);
    }
    Ok(page)
}

pub async fn get_rules(app: &App, scope: &Scope, id: RuleSetId) -> Result<RuleSet, Error> {
    allow(scope, Permission::LeadsRead)?;
    let repos = app.store.read(scope);
    let mut rules = repos.qualification().get(id).await?.ok_or(MISSING)?;
    if rules.enabled {
        rules.run = repos.qualification().run().await?;
    }
    Ok(rules)
}

pub async fn create_rules(app: &App, scope: &Scope, input: RuleSetInput) -> Result<RuleSet, Error> {
    allow(scope, Permission::LeadsWrite)?;
    let now = app.now();
    let mut rules = RuleSet {
        id: app.id(),
        name: input.name,
        enabled: input.enabled.unwrap_or(false),
        framework: input.framework,
        slots: input.slots,
        weak_allowed: input.weak_allowed,
        gates: input.gates,
        fillers: input.fillers,
        stages: input.stages,
        run: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    check(&mut rules)?;
    let unit = app.store.begin(scope).await?;
    if rules.enabled {
        unit.qualification().disable(now).await?;
    }
    unit.qualification().insert(&rules).await.map_err(raced)?;
    if rules.enabled {
        rules.run = Some(begin_run(app, unit.as_ref()).await?);
    }
    let event = Event::of(AuditAction::QualificationRulesCreated, rules.id).after(about(&rules));
    audit::record(app, scope, unit.as_ref(), event).await?;
    effect::commit(app, scope, unit, Outcome::Created, &rules).await?;
    app.qualifiers.invalidate(&scope.organization).await;
    Ok(rules)
}

pub async fn replace_rules(
    app: &App,
    scope: &Scope,
    id: RuleSetId,
    input: RuleSetInput,
    expected: Option<i32>,
) -> Result<RuleSet, Error> {
    change(app, scope, id, expected, |rules| {
        rules.name = input.name;
        rules.enabled = input.enabled.unwrap_or(rules.enabled);
        rules.framework = input.framework;
        rules.slots = input.slots;
        rules.weak_allowed = input.weak_allowed;
        rules.gates = input.gates;
        rules.fillers = input.fillers;
        rules.stages = input.stages;
    })
    .await
}

pub async fn update_rules(
    app: &App,
    scope: &Scope,
    id: RuleSetId,
    patch: RuleSetPatch,
    expected: Option<i32>,
) -> Result<RuleSet, Error> {
    change(app, scope, id, expected, |rules| {
        set(&mut rules.name, patch.name);
        set(&mut rules.enabled, patch.enabled);
        set(&mut rules.framework, patch.framework);
        set(&mut rules.slots, patch.slots);
        set(&mut rules.weak_allowed, patch.weak_allowed);
        set(&mut rules.gates, patch.gates);
        set(&mut rules.fillers, patch.fillers);
        set(&mut rules.stages, patch.stages);
    })
    .await
}

fn set<T>(target: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *target = value;
    }
}

async fn change(
    app: &App,
    scope: &Scope,
    id: RuleSetId,
    expected: Option<i32>,
    edit: impl FnOnce(&mut RuleSet),
) -> Result<RuleSet, Error> {
    allow(scope, Permission::LeadsWrite)?;
    let now = app.now();
    let unit = app.store.begin(scope).await?;
    let old = unit.qualification().get(id).await?.ok_or(MISSING)?;
    let current = old.version;
    version::check(WHAT, current, expected)?;
    let mut rules = old.clone();
    edit(&mut rules);
    rules.updated_at = now;
    rules.version += 1;
    check(&mut rules)?;
    let begins = rules.enabled && !old.enabled;
    if begins {
        unit.qualification().disable(now).await?;
    }
    let written = unit
        .qualification()
        .update(&rules, current)
        .await
        .map_err(raced)?;
    version::written(WHAT, written, current)?;
    if begins || (rules.enabled && !rules.decides_like(&old)) {
        rules.run = Some(begin_run(app, unit.as_ref()).await?);
    } else if rules.enabled {
        rules.run = unit.qualification().run().await?;
    }
    let event = Event::of(AuditAction::QualificationRulesUpdated, id)
        .before(about(&old))
        .after(about(&rules));
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    app.qualifiers.invalidate(&scope.organization).await;
    Ok(rules)
}

fn about(rules: &RuleSet) -> serde_json::Value {
    json!({ "name": rules.name, "enabled": rules.enabled, "framework": rules.framework })
}

/// Two were enabled at the same moment.
fn raced(error: StoreError) -> Error {
    match error {
        StoreError::Duplicate { .. } => Error::conflict(
            "qualification_rules_enabled",
            "other rules were enabled at the same moment; try again to put these in their place",
        ),
        other => other.into(),
    }
}

fn check(rules: &mut RuleSet) -> Result<(), Error> {
    let mut problems = Problems::new();
    rules.name = problems.line("name", &rules.name, 200, false);
    size(&mut problems, "slots", &rules.slots)?;
    size(&mut problems, "gates", &rules.gates)?;
    size(&mut problems, "fillers", &rules.fillers)?;
    size(&mut problems, "stages", &rules.stages)?;
    for mistake in rules.mistakes() {
        problems.add(mistake.field, mistake.message);
    }
    problems.finish()
}

fn size<T: Serialize>(problems: &mut Problems, field: &str, value: &T) -> Result<(), Error> {
    problems.json(field, &serde_json::to_value(value).map_err(Error::internal)?);
    Ok(())
}

/// What they filled and where they moved leads stays: it happened.
pub async fn delete_rules(app: &App, scope: &Scope, id: RuleSetId) -> Result<(), Error> {
    allow(scope, Permission::LeadsWrite)?;
    let unit = app.store.begin(scope).await?;
    let rules = unit.qualification().get(id).await?.ok_or(MISSING)?;
    if !unit.qualification().delete(id).await? {
        return Err(MISSING);
    }
    let event = Event::of(AuditAction::QualificationRulesDeleted, id).before(about(&rules));
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    app.qualifiers.invalidate(&scope.organization).await;
    Ok(())
}
