//! Partials: pieces that templates share. A mistake in one is an error when it is saved.

use super::commands::PartialInput;
use super::shared::with_shared;
use crate::audit::{self, Event};
use crate::{App, effect, version};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::email::{
    MAX_PARTIAL, PartialSort, TemplateFormat, TemplatePartial, TemplateSource, is_partial_name,
};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, FieldError, Page, PageRequest, Repos, Scope, StoreError, TemplatePartialId};
use serde_json::json;

const MISSING: Error = Error::NotFound {
    what: "template partial",
};

pub async fn create_partial(app: &App, scope: &Scope, input: PartialInput) -> Result<TemplatePartial, Error> {
    scope.require(Permission::TemplatesWrite)?;
    let now = app.now();
    let partial = TemplatePartial {
        id: app.id(),
        name: input.name,
        format: input.format.unwrap_or(TemplateFormat::Html),
        html: input.html,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let unit = app.store.begin(scope).await?;
    check(app, unit.as_ref(), &partial).await?;
    unit.partials().insert(&partial).await.map_err(taken)?;
    let event = Event::of(AuditAction::PartialCreated, partial.id).after(json!({ "name": partial.name }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    effect::commit(app, scope, unit, Outcome::Created, &partial).await?;
    Ok(partial)
}

pub async fn get_partial(app: &App, scope: &Scope, id: TemplatePartialId) -> Result<TemplatePartial, Error> {
    scope.require(Permission::EmailRead)?;
    app.store.read(scope).partials().get(id).await?.ok_or(MISSING)
}

pub async fn list_partials(
    app: &App,
    scope: &Scope,
    page: &PageRequest<PartialSort>,
) -> Result<Page<TemplatePartial>, Error> {
    scope.require(Permission::EmailRead)?;
    Ok(app.store.read(scope).partials().list(page).await?)
}

pub async fn replace_partial(
    app: &App,
    scope: &Scope,
    id: TemplatePartialId,
    input: PartialInput,
    expected: Option<i32>,
) -> Result<TemplatePartial, Error> {
    scope.require(Permission::TemplatesWrite)?;
    let unit = app.store.begin(scope).await?;
    let before = unit.partials().get(id).await?.ok_or(MISSING)?;
    let current = before.version;
    version::check("template partial", current, expected)?;
    let partial = TemplatePartial {
        name: input.name,
        format: input.format.unwrap_or(TemplateFormat::Html),
        html: input.html,
        updated_at: app.now(),
        version: current + 1,
        ..before.clone()
    };
    check(app, unit.as_ref(), &partial).await?;
    let written = unit.partials().update(&partial, current).await.map_err(taken)?;
    version::written("template partial", written, current)?;
    let (old, new) = audit::changes(&before, &partial)?;
    let event = Event::of(AuditAction::PartialUpdated, id).before(old).after(new);
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    Ok(partial)
}

/// Templates that include it can't be sent until there is one of its name again, and say so.
pub async fn delete_partial(app: &App, scope: &Scope, id: TemplatePartialId) -> Result<(), Error> {
    scope.require(Permission::TemplatesWrite)?;
    let unit = app.store.begin(scope).await?;
    let old = unit.partials().get(id).await?.ok_or(MISSING)?;
    if !unit.partials().delete(id).await? {
        return Err(MISSING);
    }
    let event = Event::of(AuditAction::PartialDeleted, id).before(json!({ "name": old.name }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    Ok(unit.commit().await?)
}

fn taken(error: StoreError) -> Error {
    match error {
        StoreError::Duplicate { .. } => {
            Error::conflict("name_taken", "there is a partial of this name already")
        }
        other => other.into(),
    }
}

async fn check<R: Repos + ?Sized>(app: &App, repos: &R, partial: &TemplatePartial) -> Result<(), Error> {
    let mut problems = Problems::new();
    problems.check(
        is_partial_name(&partial.name),
        "name",
        "must be 1 to 60 lower-case letters, digits, - and _",
    );
    problems.check(!partial.html.trim().is_empty(), "html", "must not be empty");
    problems.check(
        partial.html.len() <= MAX_PARTIAL,
        "html",
        format!("must have at most {} kB", MAX_PARTIAL / 1024),
    );
    problems.check(
        !partial.html.contains('\0'),
        "html",
        "must not contain NUL characters",
    );
    problems.finish()?;
    // By itself, as if it were a template: with its own content, not with what is kept under its name until now.
    let mut source = TemplateSource::html("x", &partial.html);
    source.partials.push(partial.content());
    let mut source = with_shared(app, repos, source).await?;
    if partial.format == TemplateFormat::Mjml {
        // Where a piece of MJML can stand, only a whole mail tells: it is read as Jinja here.
        source
            .partials
            .iter_mut()
            .for_each(|other| other.format = TemplateFormat::Html);
    }
    match app.templates.compile(&source) {
        Ok(_) => Ok(()),
        Err(found) => Err(Error::Invalid(found.into_iter().map(of_html).collect())),
    }
}

/// Each mistake was found twice: in the partial, and where it stands in for a template.
fn of_html(problem: FieldError) -> FieldError {
    FieldError::new("html", problem.message)
}
