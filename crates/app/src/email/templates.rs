//! Templates: an unknown field or a mistake in the syntax is an error when it is saved, not when it is sent.

use super::commands::{TemplateInput, TemplatePatch};
use crate::audit::{self, Event};
use crate::{App, effect, version};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::email::{Template, TemplateSort};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, FieldError, Page, PageRequest, Scope, TemplateId};
use serde_json::json;

const MISSING: Error = Error::NotFound { what: "template" };

pub async fn create_template(app: &App, scope: &Scope, input: TemplateInput) -> Result<Template, Error> {
    scope.require(Permission::TemplatesWrite)?;
    let now = app.now();
    let template = Template {
        id: app.id(),
        name: input.name,
        category: input.category,
        subject: input.subject,
        html: input.html,
        text: input.text,
        variables: input.variables,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let template = checked(app, template)?;
    let unit = app.store.begin(scope).await?;
    unit.templates().insert(&template).await?;
    effect::commit(app, scope, unit, Outcome::Created, &template).await?;
    Ok(template)
}

pub async fn get_template(app: &App, scope: &Scope, id: TemplateId) -> Result<Template, Error> {
    scope.require(Permission::EmailRead)?;
    app.store.read(scope).templates().get(id).await?.ok_or(MISSING)
}

pub async fn list_templates(
    app: &App,
    scope: &Scope,
    category: Option<&str>,
    page: &PageRequest<TemplateSort>,
) -> Result<Page<Template>, Error> {
    scope.require(Permission::EmailRead)?;
    Ok(app.store.read(scope).templates().list(category, page).await?)
}

pub async fn replace_template(
    app: &App,
    scope: &Scope,
    id: TemplateId,
    input: TemplateInput,
    expected: Option<i32>,
) -> Result<Template, Error> {
    change(app, scope, id, expected, |template| {
        template.name = input.name;
        template.category = input.category;
        template.subject = input.subject;
        template.html = input.html;
        template.text = input.text;
        template.variables = input.variables;
    })
    .await
}

pub async fn patch_template(
    app: &App,
    scope: &Scope,
    id: TemplateId,
    patch: TemplatePatch,
    expected: Option<i32>,
) -> Result<Template, Error> {
    change(app, scope, id, expected, |template| {
        let texts = [
            (&mut template.name, patch.name),
            (&mut template.category, patch.category),
            (&mut template.subject, patch.subject),
            (&mut template.html, patch.html),
        ];
        for (mine, new) in texts {
            if let Some(new) = new {
                *mine = new;
            }
        }
        patch.text.apply(&mut template.text);
        if let Some(variables) = patch.variables {
            template.variables = variables;
        }
    })
    .await
}

async fn change(
    app: &App,
    scope: &Scope,
    id: TemplateId,
    expected: Option<i32>,
    edit: impl FnOnce(&mut Template),
) -> Result<Template, Error> {
    scope.require(Permission::TemplatesWrite)?;
    let unit = app.store.begin(scope).await?;
    let mut template = unit.templates().get(id).await?.ok_or(MISSING)?;
    let current = template.version;
    version::check("template", current, expected)?;
    edit(&mut template);
    template.updated_at = app.now();
    template.version += 1;
    let template = checked(app, template)?;
    version::written(
        "template",
        unit.templates().update(&template, current).await?,
        current,
    )?;
    unit.commit().await?;
    Ok(template)
}

fn checked(app: &App, mut template: Template) -> Result<Template, Error> {
    let mut problems = Problems::new();
    template.name = problems.line("name", &template.name, 200, false);
    template.category = problems.line("category", &template.category, 60, true);
    let mut all: Vec<FieldError> = problems.into();
    if let Err(more) = app.templates.compile(&template.source()) {
        all.extend(more);
    }
    if all.is_empty() {
        Ok(template)
    } else {
        Err(Error::Invalid(all))
    }
}

/// A campaign that was launched keeps the mail as it was; one that was not can't be launched any more.
pub async fn delete_template(app: &App, scope: &Scope, id: TemplateId) -> Result<(), Error> {
    scope.require(Permission::TemplatesWrite)?;
    let unit = app.store.begin(scope).await?;
    let old = unit.templates().get(id).await?.ok_or(MISSING)?;
    if !unit.templates().delete(id).await? {
        return Err(MISSING);
    }
    let event = Event::of(AuditAction::TemplateDeleted, id).before(json!({ "name": old.name }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    Ok(unit.commit().await?)
}
