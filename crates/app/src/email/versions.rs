//! Versions of a template: which there are, which is sent, and what differs.

use super::commands::{PublishTemplate, RollbackTemplate};
use super::preview::lint_source;
use super::shared::with_shared;
use super::templates::MISSING;
use crate::audit::{self, Event};
use crate::{App, effect, version};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::email::{
    KEPT_DRAFTS, Severity, Template, TemplateDiff, TemplateSource, TemplateVersion, VersionInfo, VersionSort,
};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::{Error, FieldError, Page, PageRequest, Repos, Scope, Sort, TemplateId, UnitOfWork};
use serde_json::json;

const NO_VERSION: Error = Error::NotFound {
    what: "template version",
};

pub async fn list_template_versions(
    app: &App,
    scope: &Scope,
    id: TemplateId,
    page: &PageRequest<VersionSort>,
) -> Result<Page<VersionInfo>, Error> {
    scope.require(Permission::EmailRead)?;
    let repos = app.store.read(scope);
    repos.templates().get(id).await?.ok_or(MISSING)?;
    Ok(repos.templates().versions(id, page).await?)
}

/// A version with its texts; without a number the one that is sent, or else the newest.
pub async fn get_template_version(
    app: &App,
    scope: &Scope,
    id: TemplateId,
    number: Option<i32>,
) -> Result<TemplateVersion, Error> {
    scope.require(Permission::EmailRead)?;
    let repos = app.store.read(scope);
    let template = repos.templates().get(id).await?.ok_or(MISSING)?;
    let number = number
        .or(template.live_version)
        .unwrap_or(template.latest_version);
    get(repos.as_ref(), id, number).await
}

pub(super) async fn get<R: Repos + ?Sized>(
    repos: &R,
    id: TemplateId,
    number: i32,
) -> Result<TemplateVersion, Error> {
    repos.templates().version(id, number).await?.ok_or(NO_VERSION)
}

/// Without numbers: from what is sent to what was saved last.
pub async fn diff_template(
    app: &App,
    scope: &Scope,
    id: TemplateId,
    from: Option<i32>,
    to: Option<i32>,
) -> Result<TemplateDiff, Error> {
    scope.require(Permission::EmailRead)?;
    let repos = app.store.read(scope);
    let template = repos.templates().get(id).await?.ok_or(MISSING)?;
    let to = to.unwrap_or(template.latest_version);
    let from = from.or(template.live_version).unwrap_or(to);
    let old = get(repos.as_ref(), id, from).await?;
    let new = get(repos.as_ref(), id, to).await?;
    Ok(TemplateDiff::between(&old, &new))
}

/// Sends this version from now on. Errors that the checks find are in the way, unless the caller insists.
pub async fn publish_template(
    app: &App,
    scope: &Scope,
    id: TemplateId,
    publish: PublishTemplate,
) -> Result<Template, Error> {
    scope.require(Permission::TemplatesWrite)?;
    let unit = app.store.begin(scope).await?;
    let mut template = unit.templates().get(id).await?.ok_or(MISSING)?;
    let number = publish.version.unwrap_or(template.latest_version);
    let chosen = get(unit.as_ref(), id, number).await?;
    refuse_live(&template, number)?;
    let source = with_shared(app, unit.as_ref(), chosen.source()).await?;
    app.templates.compile(&source).map_err(Error::Invalid)?;
    if !publish.force {
        refuse_errors(app, unit.as_ref(), &source).await?;
    }
    let before = template.live_version;
    mark_live(app, scope, unit.as_ref(), &mut template, number).await?;
    finish(app, scope, unit, template, before, AuditAction::TemplatePublished).await
}

/// Sends again what was sent before.
pub async fn rollback_template(
    app: &App,
    scope: &Scope,
    id: TemplateId,
    rollback: RollbackTemplate,
) -> Result<Template, Error> {
    scope.require(Permission::TemplatesWrite)?;
    let unit = app.store.begin(scope).await?;
    let mut template = unit.templates().get(id).await?.ok_or(MISSING)?;
    let number = match rollback.version {
        Some(number) => number,
        None => previous(unit.as_ref(), &template).await?,
    };
    let chosen = get(unit.as_ref(), id, number).await?;
    refuse_live(&template, number)?;
    if chosen.published_at.is_none() {
        return Err(Error::conflict(
            "version_not_published",
            format!("version {number} was never published: publish it instead"),
        ));
    }
    let source = with_shared(app, unit.as_ref(), chosen.source()).await?;
    app.templates.compile(&source).map_err(Error::Invalid)?;
    let before = template.live_version;
    mark_live(app, scope, unit.as_ref(), &mut template, number).await?;
    finish(
        app,
        scope,
        unit,
        template,
        before,
        AuditAction::TemplateRolledBack,
    )
    .await
}

/// What the checks say against sending it. Warnings are left to people.
pub(super) async fn refuse_errors(
    app: &App,
    unit: &dyn UnitOfWork,
    source: &TemplateSource,
) -> Result<(), Error> {
    let report = lint_source(app, unit, source).await?;
    let errors = report
        .findings
        .into_iter()
        .filter(|finding| finding.severity == Severity::Error);
    let problems: Vec<_> = errors
        .map(|finding| FieldError {
            field: finding.part,
            message: finding.message,
            position: finding.position,
        })
        .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(problems))
    }
}

fn refuse_live(template: &Template, number: i32) -> Result<(), Error> {
    if template.live_version == Some(number) {
        return Err(Error::conflict(
            "version_is_live",
            format!("version {number} is what is sent already"),
        ));
    }
    Ok(())
}

/// What was sent before what is sent: the newest older version that was ever published.
async fn previous(unit: &dyn UnitOfWork, template: &Template) -> Result<i32, Error> {
    let nothing = || {
        Error::conflict(
            "nothing_to_roll_back_to",
            "no version that is older than what is sent was ever published",
        )
    };
    let live = template.live_version.ok_or_else(nothing)?;
    // Drafts that are kept are fewer than a page has rows.
    let page = PageRequest::first(200, Sort::descending(VersionSort::Number));
    let versions = unit.templates().versions(template.id, &page).await?;
    let older = versions
        .items
        .iter()
        .find(|version| version.number < live && version.published_at.is_some());
    older.map(|version| version.number).ok_or_else(nothing)
}

/// Without the checks. The template is changed in memory only.
pub(super) async fn mark_live(
    app: &App,
    scope: &Scope,
    unit: &dyn UnitOfWork,
    template: &mut Template,
    number: i32,
) -> Result<(), Error> {
    let by = scope.actor.user();
    unit.templates()
        .mark_published(template.id, number, app.now(), by)
        .await?;
    template.set_live(number);
    Ok(())
}

async fn finish(
    app: &App,
    scope: &Scope,
    unit: Box<dyn UnitOfWork>,
    mut template: Template,
    before: Option<i32>,
    action: AuditAction,
) -> Result<Template, Error> {
    let current = template.version;
    template.version += 1;
    version::written(
        "template",
        unit.templates().update(&template, current).await?,
        current,
    )?;
    record(app, scope, unit.as_ref(), &template, before, action).await?;
    effect::commit(app, scope, unit, Outcome::Done, &template).await?;
    Ok(template)
}

/// Writes down that another version is sent.
pub(super) async fn record(
    app: &App,
    scope: &Scope,
    unit: &dyn UnitOfWork,
    template: &Template,
    before: Option<i32>,
    action: AuditAction,
) -> Result<(), Error> {
    let event = Event::of(action, template.id)
        .before(json!({ "live_version": before }))
        .after(json!({ "live_version": template.live_version }));
    audit::record(app, scope, unit, event).await
}

/// Keeps what was saved as a version; drafts that are too old to matter go.
pub(super) async fn keep_version(
    scope: &Scope,
    unit: &dyn UnitOfWork,
    template: &Template,
) -> Result<(), Error> {
    let templates = unit.templates();
    templates
        .insert_version(&template.as_version(scope.actor.user()))
        .await?;
    let oldest = template.latest_version - KEPT_DRAFTS;
    if oldest > 0 {
        templates.forget_drafts(template.id, oldest).await?;
    }
    Ok(())
}
