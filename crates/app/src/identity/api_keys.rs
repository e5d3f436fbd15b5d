//! A person's API keys.

use super::commands::{CreatedApiKey, NewApiKey};
use crate::App;
use chrono::TimeDelta;
use groundswell_domain::identity::{ApiKey, ApiKeyCredentials, Permission};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Actor, ApiKeyId, Error, Scope, UserId};
use secrecy::ExposeSecret;

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
    app.store
        .read(scope)
        .identity()
        .insert_api_key(&credentials)
        .await?;
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
    let deleted = app.store.read(scope).identity().delete_api_key(user, id).await?;
    if deleted {
        Ok(())
    } else {
        Err(Error::NotFound { what: "api key" })
    }
}
