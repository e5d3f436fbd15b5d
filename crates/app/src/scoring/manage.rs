//! Create, read, update, delete models.
//!
//! Exactly one active model of an organization is primary at any time. Whatever changes what active models say begins a
//! run over all leads, in the same transaction.

use super::commands::{ModelInput, ModelPatch};
use super::run::begin_run;
use crate::audit::{self, Event};
use crate::{App, effect, version};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::scoring::{ModelSort, ModelStatus, ScoringModel};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, Page, PageRequest, Scope, ScoringModelId, UnitOfWork};
use serde_json::json;

pub(super) const MISSING: Error = Error::NotFound {
    what: "scoring model",
};
/// Each of them is computed whenever something happens to a lead.
const MOST_ACTIVE: usize = 10;

fn allow(scope: &Scope, permission: Permission) -> Result<(), Error> {
    scope.require(permission)?;
    scope.require_whole_organization()
}

pub async fn list_models(
    app: &App,
    scope: &Scope,
    status: Option<ModelStatus>,
    page: &PageRequest<ModelSort>,
) -> Result<Page<ScoringModel>, Error> {
    allow(scope, Permission::LeadsRead)?;
    let repos = app.store.read(scope);
    let mut page = repos.scoring().list(status, page).await?;
    let run = repos.scoring().run().await?;
    for model in &mut page.items {
        model.run.clone_from(&run);
    }
    Ok(page)
}

pub async fn get_model(app: &App, scope: &Scope, id: ScoringModelId) -> Result<ScoringModel, Error> {
    allow(scope, Permission::LeadsRead)?;
    let repos = app.store.read(scope);
    let mut model = repos.scoring().get(id).await?.ok_or(MISSING)?;
    model.run = repos.scoring().run().await?;
    Ok(model)
}

pub async fn create_model(app: &App, scope: &Scope, input: ModelInput) -> Result<ScoringModel, Error> {
    allow(scope, Permission::LeadsWrite)?;
    let now = app.now();
    let mut model = ScoringModel {
        id: app.id(),
        name: input.name,
        status: input.status.unwrap_or(ModelStatus::Draft),
        primary: input.primary.unwrap_or(false),
        rules: input.rules,
        caps: input.caps,
        revision: 1,
        run: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let unit = app.store.begin(scope).await?;
    check(unit.as_ref(), None, &mut model).await?;
    if model.primary {
        unit.scoring().dethrone(now).await?;
    }
    unit.scoring().insert(&model).await?;
    if model.status == ModelStatus::Active {
        model.run = Some(begin_run(app, unit.as_ref()).await?);
    }
    let event = Event::of(AuditAction::ScoringModelCreated, model.id).after(about(&model));
    audit::record(app, scope, unit.as_ref(), event).await?;
    effect::commit(app, scope, unit, Outcome::Created, &model).await?;
    app.scorers.invalidate(&scope.organization).await;
    Ok(model)
}

pub async fn replace_model(
    app: &App,
    scope: &Scope,
    id: ScoringModelId,
    input: ModelInput,
    expected: Option<i32>,
) -> Result<ScoringModel, Error> {
    change(app, scope, id, expected, |model| {
        model.name = input.name;
        model.status = input.status.unwrap_or(model.status);
        model.primary = input.primary.unwrap_or(model.primary);
        model.rules = input.rules;
        model.caps = input.caps;
    })
    .await
}

pub async fn update_model(
    app: &App,
    scope: &Scope,
    id: ScoringModelId,
    patch: ModelPatch,
    expected: Option<i32>,
) -> Result<ScoringModel, Error> {
    change(app, scope, id, expected, |model| {
        if let Some(name) = patch.name {
            model.name = name;
        }
        model.status = patch.status.unwrap_or(model.status);
        model.primary = patch.primary.unwrap_or(model.primary);
        if let Some(rules) = patch.rules {
            model.rules = rules;
        }
        patch.caps.apply_or_default(&mut model.caps);
    })
    .await
}

async fn change(
    app: &App,
    scope: &Scope,
    id: ScoringModelId,
    expected: Option<i32>,
    edit: impl FnOnce(&mut ScoringModel),
) -> Result<ScoringModel, Error> {
    allow(scope, Permission::LeadsWrite)?;
    let now = app.now();
    let unit = app.store.begin(scope).await?;
    let old = unit.scoring().get(id).await?.ok_or(MISSING)?;
    let current = old.version;
    version::check("scoring model", current, expected)?;
    let mut model = old.clone();
    edit(&mut model);
    let same = model.rules == old.rules && model.caps == old.caps;
    model.revision += i32::from(!same);
    model.updated_at = now;
    model.version += 1;
    check(unit.as_ref(), Some(&old), &mut model).await?;
    if model.primary && !old.primary {
        unit.scoring().dethrone(now).await?;
    }
    let written = unit.scoring().update(&model, current).await?;
    version::written("scoring model", written, current)?;
    let counted = old.status == ModelStatus::Active;
    let counts = model.status == ModelStatus::Active;
    let others = counted != counts || model.primary != old.primary;
    if others || (counts && !same) {
        model.run = Some(begin_run(app, unit.as_ref()).await?);
    } else {
        model.run = unit.scoring().run().await?;
    }
    let event = Event::of(AuditAction::ScoringModelUpdated, id)
        .before(about(&old))
        .after(about(&model));
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    app.scorers.invalidate(&scope.organization).await;
    Ok(model)
}

fn about(model: &ScoringModel) -> serde_json::Value {
    json!({ "name": model.name, "status": model.status, "primary": model.primary, "revision": model.revision })
}

/// Whether the rules of a model, kept or not, can be computed with.
pub(super) fn check_rules(model: &ScoringModel) -> Result<(), Error> {
    let mut problems = Problems::new();
    add_mistakes(model, &mut problems)?;
    problems.finish()
}

fn add_mistakes(model: &ScoringModel, problems: &mut Problems) -> Result<(), Error> {
    let rules = serde_json::to_value(&model.rules).map_err(Error::internal)?;
    problems.json("rules", &rules);
    for mistake in model.mistakes() {
        problems.add(mistake.field, mistake.message);
    }
    Ok(())
}

async fn check(
    unit: &dyn UnitOfWork,
    old: Option<&ScoringModel>,
    model: &mut ScoringModel,
) -> Result<(), Error> {
    let mut problems = Problems::new();
    model.name = problems.line("name", &model.name, 200, false);
    add_mistakes(model, &mut problems)?;
    let was_primary = old.is_some_and(|old| old.primary);
    if model.status != ModelStatus::Active {
        if was_primary && model.primary {
            return Err(crowned());
        }
        problems.check(!model.primary, "primary", "only an active model can be primary");
    }
    problems.finish()?;
    if was_primary && !model.primary {
        return Err(crowned());
    }
    let joins =
        model.status == ModelStatus::Active && old.is_none_or(|old| old.status != ModelStatus::Active);
    if joins && unit.scoring().active().await?.len() >= MOST_ACTIVE {
        return Err(Error::conflict(
            "too_many_scoring_models",
            format!("at most {MOST_ACTIVE} models can be active; archive another one first"),
        ));
    }
    Ok(())
}

fn crowned() -> Error {
    Error::conflict(
        "scoring_model_primary",
        "this model is the primary one, by which leads are scored; make another model primary first",
    )
}

/// Its lines go with the run that begins.
pub async fn delete_model(app: &App, scope: &Scope, id: ScoringModelId) -> Result<(), Error> {
    allow(scope, Permission::LeadsWrite)?;
    let unit = app.store.begin(scope).await?;
    let model = unit.scoring().get(id).await?.ok_or(MISSING)?;
    if model.primary {
        return Err(crowned());
    }
    if !unit.scoring().delete(id).await? {
        return Err(MISSING);
    }
    if model.status == ModelStatus::Active {
        begin_run(app, unit.as_ref()).await?;
    }
    let event = Event::of(AuditAction::ScoringModelDeleted, id).before(about(&model));
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    app.scorers.invalidate(&scope.organization).await;
    Ok(())
}
