//! A person's API keys.

mod create;
mod rotate;

pub use create::create_api_key;
pub use rotate::rotate_api_key;

use super::commands::CreatedApiKey;
use crate::App;
use crate::audit::{self, Event};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::identity::{ApiKey, ApiKeyCredentials, Permission};
use groundswell_domain::{Actor, ApiKeyId, ClientId, Error, Scope, UserId};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

const MISSING: Error = Error::NotFound { what: "api key" };

/// How long a key can be good for, in days.
const LONGEST_DAYS: i64 = 366;

/// Keys are made by people only: a key that could make keys, however weak ones, could not be taken back.
fn person(scope: &Scope) -> Result<UserId, Error> {
    scope.require(Permission::ApiKeysManage)?;
    match scope.actor {
        Actor::User { user, .. } | Actor::Foreign { user } => Ok(user),
        _ => Err(Error::Forbidden(
            "API keys can only be managed by a person who is signed in".into(),
        )),
    }
}

/// Gives the key a secret: what is kept of it, and what is shown once.
fn issue(app: &App, mut key: ApiKey) -> (ApiKeyCredentials, CreatedApiKey) {
    let issued = app.tokens.issue_api_key();
    key.prefix = issued.prefix;
    let credentials = ApiKeyCredentials {
        key: key.clone(),
        secret_hash: issued.secret_hash,
    };
    let api_key = issued.text.expose_secret().to_owned();
    (credentials, CreatedApiKey { key, api_key })
}

/// Who sees one client only makes keys for that client only.
fn within(scope: &Scope, wanted: Option<ClientId>) -> Result<Option<ClientId>, Error> {
    match (scope.client, wanted) {
        (Some(own), Some(other)) if own != other => {
            Err(Error::invalid("client_id", "there is no such client"))
        }
        (own, wanted) => Ok(own.or(wanted)),
    }
}

pub async fn list_api_keys(app: &App, scope: &Scope) -> Result<Vec<ApiKey>, Error> {
    Ok(app.store.read(scope).identity().api_keys(person(scope)?).await?)
}

pub async fn get_api_key(app: &App, scope: &Scope, id: ApiKeyId) -> Result<ApiKey, Error> {
    let user = person(scope)?;
    app.store
        .read(scope)
        .identity()
        .api_key(user, id)
        .await?
        .ok_or(MISSING)
}

pub async fn delete_api_key(app: &App, scope: &Scope, id: ApiKeyId) -> Result<(), Error> {
    let user = person(scope)?;
    let unit = app.store.begin(scope).await?;
    let key = unit.identity().api_key(user, id).await?.ok_or(MISSING)?;
    if !unit.identity().delete_api_key(user, id).await? {
        return Err(MISSING);
    }
    let event = Event::of(AuditAction::ApiKeyDeleted, id).before(rights(&key));
    audit::record(app, scope, unit.as_ref(), event).await?;
    Ok(unit.commit().await?)
}

/// What a key allows, for the audit log.
fn rights(key: &ApiKey) -> Value {
    json!({
        "name": key.name, "scopes": key.scopes, "client_id": key.client_id, "ip_ranges": key.ip_ranges,
        "budget": key.budget, "expires_at": key.expires_at, "replaces": key.replaces,
    })
}
