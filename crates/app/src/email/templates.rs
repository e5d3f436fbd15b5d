//! Templates: an unknown field or a mistake in the syntax is an error when it is saved, not when it is sent. Every save of a text is a
//! version; which of them is sent is in `versions`.

use super::commands::{TemplateInput, TemplatePatch};
use super::shared::with_shared;
use super::versions::{keep_version, mark_live, record, refuse_errors};
use crate::audit::{self, Event};
use crate::{App, effect, version};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::email::{
    SaveAs, Template, TemplateFormat, TemplateSort, TemplateSource, TemplateStatus,
};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, FieldError, Page, PageRequest, Repos, Scope, TemplateId};
use serde_json::json;

pub(super) const MISSING: Error = Error::NotFound { what: "template" };

/// A template that does not say what it wants to be is live at once, as templates were before they had versions.
pub async fn create_template(app: &App, scope: &Scope, input: TemplateInput) -> Result<Template, Error> {
    made(app, scope, input, Outcome::Created).await
}

/// The same, asked for at this address or at another one.
pub(super) async fn made(
    app: &App,
    scope: &Scope,
    input: TemplateInput,
    outcome: Outcome,
) -> Result<Template, Error> {
    scope.require(Permission::TemplatesWrite)?;
    let now = app.now();
    let template = Template {
        id: app.id(),
        name: input.name,
        category: input.category,
        format: input.format.unwrap_or(TemplateFormat::Html),
        subject: input.subject,
        html: input.html,
        text: input.text,
        variables: input.variables,
        status: TemplateStatus::Draft,
        latest_version: 1,
        live_version: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let unit = app.store.begin(scope).await?;
    let (mut template, source) = checked(app, unit.as_ref(), template).await?;
    if input.status == Some(SaveAs::Live) {
        refuse_errors(app, unit.as_ref(), &source).await?;
    }
    let live = input.status != Some(SaveAs::Draft);
    if live {
        template.set_live(1);
    }
    unit.templates().insert(&template).await?;
    keep_version(scope, unit.as_ref(), &template).await?;
    if live {
        mark_live(app, scope, unit.as_ref(), &mut template, 1).await?;
    }
    effect::commit(app, scope, unit, outcome, &template).await?;
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
    change(app, scope, id, expected, input.status, |template| {
        template.name = input.name;
        template.category = input.category;
        template.format = input.format.unwrap_or(TemplateFormat::Html);
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
    change(app, scope, id, expected, patch.status, |template| {
        template.format = patch.format.unwrap_or(template.format);
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
    save_as: Option<SaveAs>,
    edit: impl FnOnce(&mut Template),
) -> Result<Template, Error> {
    scope.require(Permission::TemplatesWrite)?;
    let unit = app.store.begin(scope).await?;
    let mut template = unit.templates().get(id).await?.ok_or(MISSING)?;
    let before = template.clone();
    version::check("template", before.version, expected)?;
    edit(&mut template);
    template.updated_at = app.now();
    template.version += 1;
    let (mut template, source) = checked(app, unit.as_ref(), template).await?;
    // A new name is no new version of what is sent.
    if template.source() != before.source() {
        template.begin_version();
        keep_version(scope, unit.as_ref(), &template).await?;
    }
    let number = template.latest_version;
    if save_as == Some(SaveAs::Live) && template.live_version != Some(number) {
        refuse_errors(app, unit.as_ref(), &source).await?;
        mark_live(app, scope, unit.as_ref(), &mut template, number).await?;
        let action = AuditAction::TemplatePublished;
        record(app, scope, unit.as_ref(), &template, before.live_version, action).await?;
    }
    version::written(
        "template",
        unit.templates().update(&template, before.version).await?,
        before.version,
    )?;
    unit.commit().await?;
    Ok(template)
}

/// With the source as it would be sent.
async fn checked<R: Repos + ?Sized>(
    app: &App,
    repos: &R,
    mut template: Template,
) -> Result<(Template, TemplateSource), Error> {
    let mut problems = Problems::new();
    template.name = problems.line("name", &template.name, 200, false);
    template.category = problems.line("category", &template.category, 60, true);
    let mut all: Vec<FieldError> = problems.into();
    let source = with_shared(app, repos, template.source()).await?;
    if let Err(more) = app.templates.compile(&source) {
        all.extend(more);
    }
    if all.is_empty() {
        Ok((template, source))
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
