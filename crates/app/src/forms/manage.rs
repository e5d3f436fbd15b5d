//! Create, read, update, delete.

use super::auto_reply::check_mails;
use super::commands::{FormInput, FormPatch};
use crate::audit::{self, Event};
use crate::{App, effect, version};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::forms::{Form, FormSort, Submission, SubmissionSort, SubmissionStatus};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, FormId, Page, PageRequest, Repos, Scope};
use serde_json::json;

const MISSING: Error = Error::NotFound { what: "form" };

pub async fn create_form(app: &App, scope: &Scope, input: FormInput) -> Result<Form, Error> {
    scope.require(Permission::FormsWrite)?;
    let now = app.now();
    let form = Form {
        id: app.id(),
        organization_id: scope.organization,
        name: input.name,
        campaign_id: input.campaign_id,
        fields: input.fields,
        styling: input.styling,
        settings: input.settings,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let unit = app.store.begin(scope).await?;
    let form = checked(app, unit.as_ref(), form).await?;
    unit.forms().insert(&form).await?;
    let event = Event::of(AuditAction::FormCreated, form.id);
    audit::record(app, scope, unit.as_ref(), event).await?;
    effect::commit(app, scope, unit, Outcome::Created, &form).await?;
    Ok(form)
}

pub async fn get_form(app: &App, scope: &Scope, id: FormId) -> Result<Form, Error> {
    scope.require(Permission::FormsRead)?;
    app.store.read(scope).forms().get(id).await?.ok_or(MISSING)
}

/// `name` is matched as a part, without case.
pub async fn list_forms(
    app: &App,
    scope: &Scope,
    name: Option<&str>,
    page: &PageRequest<FormSort>,
) -> Result<Page<Form>, Error> {
    scope.require(Permission::FormsRead)?;
    Ok(app.store.read(scope).forms().list(name, page).await?)
}

pub async fn replace_form(
    app: &App,
    scope: &Scope,
    id: FormId,
    input: FormInput,
    expected: Option<i32>,
) -> Result<Form, Error> {
    change(app, scope, id, expected, |form| {
        form.name = input.name;
        form.campaign_id = input.campaign_id;
        form.fields = input.fields;
        form.styling = input.styling;
        form.settings = input.settings;
    })
    .await
}

pub async fn patch_form(
    app: &App,
    scope: &Scope,
    id: FormId,
    patch: FormPatch,
    expected: Option<i32>,
) -> Result<Form, Error> {
    change(app, scope, id, expected, |form| {
        if let Some(name) = patch.name {
            form.name = name;
        }
        if let Some(fields) = patch.fields {
            form.fields = fields;
        }
        patch.campaign_id.apply(&mut form.campaign_id);
        patch.styling.apply_or_default(&mut form.styling);
        patch.settings.apply_or_default(&mut form.settings);
    })
    .await
}

async fn change(
    app: &App,
    scope: &Scope,
    id: FormId,
    expected: Option<i32>,
    edit: impl FnOnce(&mut Form),
) -> Result<Form, Error> {
    scope.require(Permission::FormsWrite)?;
    let unit = app.store.begin(scope).await?;
    let old = unit.forms().get(id).await?.ok_or(MISSING)?;
    let current = old.version;
    version::check("form", current, expected)?;
    let mut form = old.clone();
    edit(&mut form);
    form.updated_at = app.now();
    form.version += 1;
    let form = checked(app, unit.as_ref(), form).await?;
    version::written("form", unit.forms().update(&form, current).await?, current)?;
    let (before, after) = audit::changes(&old, &form)?;
    let event = Event::of(AuditAction::FormUpdated, id)
        .before(before)
        .after(after);
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    app.forms.invalidate(&id).await;
    Ok(form)
}

/// The form with its texts trimmed, if everything in it is right.
async fn checked<R: Repos + ?Sized>(app: &App, repos: &R, mut form: Form) -> Result<Form, Error> {
    let mut problems = Problems::new();
    form.name = problems.line("name", &form.name, 200, false);
    form.check(&mut problems);
    if let Some(campaign) = form.campaign_id {
        let known = repos.campaigns().get(campaign).await?.is_some();
        problems.check(known, "campaign_id", "there is no such campaign");
    }
    // Those that can't be right would be complained of twice.
    if problems.is_empty() {
        check_mails(app, repos, &form, &mut problems).await?;
    }
    problems.finish()?;
    Ok(form)
}

pub async fn delete_form(app: &App, scope: &Scope, id: FormId) -> Result<(), Error> {
    scope.require(Permission::FormsWrite)?;
    let unit = app.store.begin(scope).await?;
    let form = unit.forms().get(id).await?.ok_or(MISSING)?;
    if !unit.forms().delete(id).await? {
        return Err(MISSING);
    }
    let event = Event::of(AuditAction::FormDeleted, id).before(json!({ "name": form.name }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    app.forms.invalidate(&id).await;
    Ok(())
}

pub async fn list_submissions(
    app: &App,
    scope: &Scope,
    form: FormId,
    status: SubmissionStatus,
    page: &PageRequest<SubmissionSort>,
) -> Result<Page<Submission>, Error> {
    scope.require(Permission::LeadsRead)?;
    scope.require_whole_organization()?;
    let repos = app.store.read(scope);
    repos.forms().get(form).await?.ok_or(MISSING)?;
    Ok(match status {
        SubmissionStatus::Accepted => repos.forms().submissions(form, page).await?,
        held => repos.forms().held_back(form, held, page).await?,
    })
}
