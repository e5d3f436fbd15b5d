//! From a bearer token to a scope.

use crate::App;
use groundswell_domain::identity::{Permissions, Standing};
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
    let standing = standing(app, claims.session)
        .await?
        .ok_or_else(|| Error::Unauthenticated("this session has ended: sign in again".into()))?;
    Ok(Scope::new(
        claims.organization,
        Actor::User {
            user: claims.user,
            session: claims.session,
        },
        // Not the token's: whoever lost a role must not keep it for the rest of five minutes.
        standing.role,
        request,
    )
    .bound_to(standing.client))
}

/// Asks the store at most once in five seconds per session.
async fn standing(app: &App, id: SessionId) -> Result<Option<Standing>, Error> {
    if let Some(standing) = app.sessions.get(&id).await {
        return Ok(standing);
    }
    let standing = app.system.identity().standing(id, app.now()).await?;
    app.sessions.insert(id, standing).await;
    Ok(standing)
}

async fn by_api_key(app: &App, text: &str, request: RequestId) -> Result<Scope, Error> {
    let refused = || Error::Unauthenticated("this API key is not valid".into());
    let (prefix, hash) = app.tokens.read_api_key(text).ok_or_else(refused)?;
    let (organization, owner, found) = app
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
        owner.role,
        request,
    )
    .bound_to(owner.client);
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
