//! From a bearer token to a scope.

use crate::App;
use groundswell_domain::identity::Permissions;
use groundswell_domain::{Actor, Error, RequestId, Scope, SessionId};

/// Accepts an access token or an API key.
pub async fn authenticate(app: &App, bearer: &str, request: RequestId) -> Result<Scope, Error> {
    if bearer.starts_with("gsk_") {
        by_api_key(app, bearer, request).await
    } else {
        by_token(app, bearer, request).await
    }
}

async fn by_token(app: &App, token: &str, request: RequestId) -> Result<Scope, Error> {
    let claims = app
        .tokens
        .read_access(token, app.now())
        .map_err(Error::Unauthenticated)?;
    if !is_alive(app, claims.session).await? {
        return Err(Error::Unauthenticated(
            "this session has ended: sign in again".into(),
        ));
    }
    Ok(Scope::new(
        claims.organization,
        Actor::User(claims.user),
        claims.role,
        request,
    ))
}

/// Asks the store at most once in five seconds per session.
async fn is_alive(app: &App, id: SessionId) -> Result<bool, Error> {
    if let Some(alive) = app.sessions.get(&id).await {
        return Ok(alive);
    }
    let session = app.system.identity().session(id).await?;
    let alive = session.is_some_and(|session| session.is_alive(app.now()));
    app.sessions.insert(id, alive).await;
    Ok(alive)
}

async fn by_api_key(app: &App, text: &str, request: RequestId) -> Result<Scope, Error> {
    let refused = || Error::Unauthenticated("this API key is not valid".into());
    let (prefix, hash) = app.tokens.read_api_key(text).ok_or_else(refused)?;
    let (organization, role, found) = app
        .system
        .identity()
        .api_key(&prefix)
        .await?
        .ok_or_else(refused)?;
    // Both are hashes of secrets: how long their comparison takes tells nothing about either secret.
    if found.secret_hash != hash {
        return Err(refused());
    }
    let now = app.now();
    if found.key.expires_at.is_some_and(|at| at <= now) {
        return Err(Error::Unauthenticated("this API key has expired".into()));
    }
    let mut scope = Scope::new(
        organization,
        Actor::ApiKey {
            key: found.key.id,
            user: found.key.user_id,
        },
        role,
        request,
    );
    scope.permissions = scope.permissions.intersect(Permissions::of(&found.key.scopes));
    if found
        .key
        .last_used_at
        .is_none_or(|at| now - at >= chrono::TimeDelta::minutes(1))
    {
        app.store
            .read(&scope)
            .identity()
            .touch_api_key(found.key.id, now)
            .await?;
    }
    Ok(scope)
}
