//! A person's API keys.

use super::commands::{CreatedApiKey, NewApiKey};
use crate::App;
use crate::audit::{self, Event};
use chrono::TimeDelta;
use groundswell_domain::audit::AuditAction;
use groundswell_domain::identity::{ApiKey, ApiKeyCredentials, Permission};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Actor, ApiKeyId, Error, Scope, UserId};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

/// Keys are made by people only: a key that could make keys could not be taken back.
fn person(scope: &Scope) -> Result<UserId, Error> {
    scope.require(Permission::ApiKeysManage)?;
    match scope.actor {
        Actor::User { user, .. } => Ok(user),
        _ => Err(Error::Forbidden(
            "API keys can only be managed by a person who is signed in".into(),
        )),
    }
}

/// Makes a key. It is not recorded under an idempotency key, since its text is kept nowhere.
pub async fn create_api_key(app: &App, scope: &Scope, new: NewApiKey) -> Result<CreatedApiKey, Error> {
    let user_id = person(scope)?;
    let now = app.now();
    let mut problems = Problems::new();
    let name = problems.line("name", &new.name, 100, false);
    problems.check(!new.scopes.is_empty(), "scopes", "name at least one");
    let expires_at = problems.time("expires_at", new.expires_at);
    if let Some(at) = expires_at {
        problems.check(
            at > now && at <= now + TimeDelta::days(366),
            "expires_at",
            "must be in the future, at most a year ahead",
        );
    }
    problems.finish()?;
    for permission in &new.scopes {
        scope.require(*permission)?;
    }
    let mut scopes = new.scopes;
    scopes.sort();
    scopes.dedup();
    let issued = app.tokens.issue_api_key();
    let key = ApiKey {
        id: app.id(),
        user_id,
        name,
        prefix: issued.prefix,
        scopes,
        expires_at,
        last_used_at: None,
        created_at: now,
    };
    let credentials = ApiKeyCredentials {
        key,
        secret_hash: issued.secret_hash,
    };
    let unit = app.store.begin(scope).await?;
    unit.identity().insert_api_key(&credentials).await?;
    let event = Event::of(AuditAction::ApiKeyCreated, credentials.key.id).after(rights(&credentials.key));
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    Ok(CreatedApiKey {
        key: credentials.key,
        api_key: issued.text.expose_secret().to_owned(),
    })
}

pub async fn list_api_keys(app: &App, scope: &Scope) -> Result<Vec<ApiKey>, Error> {
    Ok(app.store.read(scope).identity().api_keys(person(scope)?).await?)
}

pub async fn delete_api_key(app: &App, scope: &Scope, id: ApiKeyId) -> Result<(), Error> {
    let user = person(scope)?;
    let unit = app.store.begin(scope).await?;
    let keys = unit.identity().api_keys(user).await?;
    if !unit.identity().delete_api_key(user, id).await? {
        return Err(Error::NotFound { what: "api key" });
    }
    let mut event = Event::of(AuditAction::ApiKeyDeleted, id);
    // Somebody with more keys than the list shows may delete one that is not in it.
    if let Some(key) = keys.iter().find(|key| key.id == id) {
        event = event.before(rights(key));
    }
    audit::record(app, scope, unit.as_ref(), event).await?;
    Ok(unit.commit().await?)
}

/// What a key allows, for the audit log.
fn rights(key: &ApiKey) -> Value {
    json!({ "name": key.name, "scopes": key.scopes, "expires_at": key.expires_at })
}
