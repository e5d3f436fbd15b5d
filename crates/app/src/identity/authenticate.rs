//! From a bearer token to a scope.

use super::foreign::by_foreign_token;
use crate::App;
use groundswell_domain::identity::{Permissions, Standing};
use groundswell_domain::{Actor, Error, Origin, RequestId, Scope, SessionId};

/// Accepts an access token, an API key, or a token of a trusted issuer.
pub async fn authenticate(
    app: &App,
    bearer: &str,
    origin: Origin,
    request: RequestId,
) -> Result<Scope, Error> {
    let mut scope = if bearer.starts_with("gsk_") {
        by_api_key(app, bearer, &origin, request).await?
    } else if app.issuers.names(bearer) {
        by_foreign_token(app, bearer, &origin, request).await?
    } else {
        by_token(app, bearer, request).await?
    };
    scope.origin = Some(origin);
    Ok(scope)
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

async fn by_api_key(app: &App, text: &str, origin: &Origin, request: RequestId) -> Result<Scope, Error> {
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
    let (key, now) = (found.key, app.now());
    if key.has_expired(now) {
        return Err(Error::Unauthenticated("this API key has expired".into()));
    }
    if !key.may_come_from(origin.ip) {
        // From where it can, a thief must not learn.
        return Err(Error::Forbidden(
            "this API key can't be used from the address that this request comes from".into(),
        ));
    }
    let actor = Actor::ApiKey {
        key: key.id,
        user: key.user_id,
    };
    if let (Some(own), Some(keys)) = (owner.client, key.client_id)
        && own != keys
    {
        return Err(refused());
    }
    let mut scope =
        Scope::new(organization, actor, owner.role, request).bound_to(owner.client.or(key.client_id));
    scope.permissions = scope.permissions.intersect(Permissions::of(&key.scopes));
    if key
        .last_used_at
        .is_none_or(|at| now - at >= chrono::TimeDelta::minutes(1))
    {
        app.store
            .read(&scope)
            .identity()
            .touch_api_key(key.id, now, origin.ip)
            .await?;
    }
    Ok(scope)
}
