//! Signing in and out.

use crate::http::{
    Answer, ApiError, ApiState, Auth, ClientIp, Envelope, JsonBody, Nothing, origin, request_id,
};
use actix_web::HttpRequest;
use actix_web::web::Data;
use groundswell_app::identity::{self, Device, Login, Me, NewAccount, RefreshToken, SignedIn};
use groundswell_domain::identity::{Permission, Role};
use groundswell_domain::{Actor, Error, OrganizationId, UserId};
use serde::Serialize;
use utoipa::ToSchema;

pub(super) fn device(request: &HttpRequest, state: &ApiState) -> Device {
    Device {
        origin: origin(request, state),
        request: request_id(request),
    }
}

/// Signs somebody in. A refusal is noted once the answer is on its way.
pub(super) async fn sign_in(
    state: &ApiState,
    request: &HttpRequest,
    ip: ClientIp,
    login: Login,
) -> Result<SignedIn, Error> {
    let begun = state.limits.begin_sign_in(request, ip, &login.email).await?;
    let (device, email) = (device(request, state), login.email.clone());
    let answer = identity::login(&state.app, login, device.clone()).await;
    let wrong = |error: &Error| matches!(error, Error::Unauthenticated(_));
    state.limits.end_sign_in(request, begun, &answer, wrong).await;
    if matches!(answer, Err(Error::Unauthenticated(_))) {
        let (app, at) = (state.app.clone(), state.app.now());
        tokio::spawn(async move {
            if let Err(error) = identity::note_failed_login(&app, &email, &device, at).await {
                tracing::warn!(%error, "a refused login could not be noted");
            }
        });
    }
    answer
}

/// Make an account, with an organization of its own.
#[utoipa::path(post, path = "/api/auth/register", operation_id = "register", tag = "auth", request_body = NewAccount,
    responses((status = 201, body = Envelope<SignedIn>)), security(()))]
pub(super) async fn register(
    state: Data<ApiState>,
    request: HttpRequest,
    body: JsonBody<NewAccount>,
) -> Result<Answer<SignedIn>, ApiError> {
    let signed_in = identity::register(&state.app, body.0, device(&request, &state)).await?;
    Ok(Answer::created("/api/auth/me", signed_in))
}

/// Sign in with mail address and password.
#[utoipa::path(post, path = "/api/auth/login", operation_id = "login", tag = "auth", request_body = Login,
    responses((status = 200, body = Envelope<SignedIn>)), security(()))]
pub(super) async fn login(
    state: Data<ApiState>,
    request: HttpRequest,
    ip: ClientIp,
    body: JsonBody<Login>,
) -> Result<Answer<SignedIn>, ApiError> {
    Ok(Answer::ok(sign_in(&state, &request, ip, body.0).await?))
}

/// Get new tokens for a refresh token, which can be used once.
#[utoipa::path(post, path = "/api/auth/refresh", operation_id = "refresh_tokens", tag = "auth", request_body = RefreshToken,
    responses((status = 200, body = Envelope<SignedIn>)), security(()))]
pub(super) async fn refresh(
    state: Data<ApiState>,
    request: HttpRequest,
    body: JsonBody<RefreshToken>,
) -> Result<Answer<SignedIn>, ApiError> {
    let device = device(&request, &state);
    Ok(Answer::ok(identity::refresh(&state.app, &body.0, &device).await?))
}

/// End the session of a refresh token.
#[utoipa::path(post, path = "/api/auth/logout", operation_id = "logout", tag = "auth", request_body = RefreshToken,
    responses((status = 200, body = Envelope<Nothing>)), security(()))]
pub(super) async fn logout(
    state: Data<ApiState>,
    request: HttpRequest,
    body: JsonBody<RefreshToken>,
) -> Result<Nothing, ApiError> {
    identity::logout(&state.app, &body.0, &device(&request, &state)).await?;
    Ok(Nothing)
}

/// Who you are, and what you may do.
#[utoipa::path(get, path = "/api/auth/me", operation_id = "get_me", tag = "auth",
    responses((status = 200, body = Envelope<Me>)), security(("bearer" = [])))]
pub(super) async fn get_me(state: Data<ApiState>, auth: Auth) -> Result<Answer<Me>, ApiError> {
    Ok(Answer::ok(identity::me(&state.app, &auth.scope).await?))
}

/// What a good token or API key stands for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Verified {
    #[schema(example = true)]
    valid: bool,
    user_id: Option<UserId>,
    organization_id: OrganizationId,
    role: Role,
    /// `access_token`, `api_key`, or `issuer_token` of a trusted issuer.
    kind: &'static str,
    #[schema(value_type = Vec<String>)]
    permissions: Vec<Permission>,
}

/// Check a token or an API key: 401 when it is not good.
#[utoipa::path(get, path = "/api/auth/verify", operation_id = "verify_token", tag = "auth",
    responses((status = 200, body = Envelope<Verified>)), security(("bearer" = [])))]
pub(super) async fn verify_token(auth: Auth) -> Result<Answer<Verified>, ApiError> {
    let scope = auth.scope;
    let kind = match scope.actor {
        Actor::ApiKey { .. } => "api_key",
        Actor::Foreign { .. } => "issuer_token",
        _ => "access_token",
    };
    Ok(Answer::ok(Verified {
        valid: true,
        user_id: scope.actor.user(),
        organization_id: scope.organization,
        role: scope.role,
        kind,
        permissions: scope.permissions.iter().collect(),
    }))
}
