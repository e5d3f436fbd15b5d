//! Answers that were typed and not sent.

use crate::App;
use groundswell_domain::email::EmailAddress;
use groundswell_domain::forms::{FieldType, Form, FormField, PartialSort, PartialSubmission};
use groundswell_domain::identity::{Permission, Role};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Actor, Error, FormId, Page, PageRequest, RequestId, Scope, StoreError};
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

/// What a page has so far.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unfinished {
    /// Made by the page: random, and the same until it is left.
    pub session: Uuid,
    /// By names of fields; others are left out.
    pub answers: Map<String, Value>,
    /// The field that was used last.
    #[serde(default)]
    pub last_field: Option<String>,
}

fn visitor(form: &Form, request: RequestId) -> Scope {
    Scope::new(
        form.organization_id,
        Actor::Visitor(form.id),
        Role::Client,
        request,
    )
}

/// Keeps it, if the form says so to its visitors and there is an address that it belongs to.
pub async fn keep_partial(app: &App, request: RequestId, form: &Form, sent: Unfinished) -> Result<(), Error> {
    if !form.settings.save_partial {
        return Err(Error::conflict(
            "partials_off",
            "this form keeps nothing before it is sent",
        ));
    }
    let mut problems = Problems::new();
    let address = sent
        .answers
        .get("email")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let email = problems.take("answers.email", address.trim().parse::<EmailAddress>());
    let answers = known(&form.fields, sent.answers);
    problems.json("answers", &Value::Object(answers.clone()));
    problems.finish()?;
    let Some(email) = email else { return Ok(()) };
    let now = app.now();
    let has = |name: &String| form.fields.iter().any(|field| field.name == *name);
    let partial = PartialSubmission {
        id: app.id(),
        form_id: form.id,
        session: sent.session,
        email,
        answers,
        last_field: sent.last_field.filter(has),
        created_at: now,
        updated_at: now,
    };
    let unit = app.store.begin(&visitor(form, request)).await?;
    match unit.visits().keep_partial(&partial).await {
        Err(StoreError::MissingReference { .. }) => return Err(Error::NotFound { what: "form" }),
        other => other?,
    }
    unit.commit().await?;
    Ok(())
}

/// What the form's fields hold, without what is empty and what nobody typed.
fn known(fields: &[FormField], answers: Map<String, Value>) -> Map<String, Value> {
    let typed = |name: &str| {
        fields
            .iter()
            .any(|field| field.name == name && field.kind != FieldType::Hidden)
    };
    let text = |value: &Value| match value {
        Value::String(text) => !text.trim().is_empty() && text.chars().count() <= 10_000,
        Value::Bool(_) | Value::Number(_) => true,
        _ => false,
    };
    answers
        .into_iter()
        .filter(|(name, value)| typed(name) && text(value))
        .collect()
}

/// Forgets what was kept of somebody who has sent the form now.
pub async fn finish_partial(
    app: &App,
    request: RequestId,
    form: &Form,
    session: Option<Uuid>,
    email: &EmailAddress,
) -> Result<(), Error> {
    let unit = app.store.begin(&visitor(form, request)).await?;
    unit.visits()
        .finish_partial(form.id, session, &email.key())
        .await?;
    unit.commit().await?;
    Ok(())
}

pub async fn list_partials(
    app: &App,
    scope: &Scope,
    form: FormId,
    page: &PageRequest<PartialSort>,
) -> Result<Page<PartialSubmission>, Error> {
    scope.require(Permission::LeadsRead)?;
    scope.require_whole_organization()?;
    let repos = app.store.read(scope);
    let known = repos.forms().get(form).await?;
    known.ok_or(Error::NotFound { what: "form" })?;
    Ok(repos.visits().partials(form, page).await?)
}
