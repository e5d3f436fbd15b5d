//! Passwords, invitations, and confirming a mail address.

use super::session::device;
use crate::http::{Answer, ApiError, ApiState, Auth, ClientIp, Envelope, JsonBody, Nothing};
use actix_web::HttpRequest;
use actix_web::web::Data;
use groundswell_app::identity::{self, Accept, ChangePassword, ForgotPassword, ResetPassword, SignedIn};
use groundswell_domain::Error;
use groundswell_domain::identity::User;
use serde::Deserialize;
use utoipa::ToSchema;

/// Change your password. Every session ends; the answer opens a new one.
#[utoipa::path(post, path = "/api/auth/password/change", operation_id = "change_password", tag = "auth", request_body = ChangePassword,
    responses((status = 200, body = Envelope<SignedIn>)), security(("bearer" = [])))]
pub(super) async fn change_password(
    state: Data<ApiState>,
    request: HttpRequest,
    ip: ClientIp,
    auth: Auth,
    body: JsonBody<ChangePassword>,
) -> Result<Answer<SignedIn>, ApiError> {
    // Whoever holds a stolen token must not guess the password with it.
    let account = auth.scope.actor.user().map(|user| user.to_string());
    let account = account.unwrap_or_default();
    let begun = state.limits.begin_sign_in(&request, ip, &account).await?;
    let device = device(&request, &state);
    let answer = identity::change_password(&state.app, &auth.scope, body.0, device).await;
    state
        .limits
        .end_sign_in(&request, begun, &answer, is_wrong_password)
        .await;
    Ok(Answer::ok(answer?))
}

/// What [`identity::change_password`] says of the present password.
fn is_wrong_password(error: &Error) -> bool {
    matches!(error, Error::Invalid(fields) if fields.iter().any(|field| field.field == "current_password"))
}

/// Get a mail with a link to choose a new password. The answer is the same whether or not there is such an account.
#[utoipa::path(post, path = "/api/auth/password/forgot", operation_id = "forgot_password", tag = "auth", request_body = ForgotPassword,
    responses((status = 202, body = Envelope<Nothing>)), security(()))]
pub(super) async fn forgot_password(
    state: Data<ApiState>,
    body: JsonBody<ForgotPassword>,
) -> Result<Answer<()>, ApiError> {
    identity::forgot_password(&state.app, &body.0).await?;
    Ok(Answer::accepted(()))
}

/// Choose a new password with the link from the mail. Every session ends; the answer opens a new one.
#[utoipa::path(post, path = "/api/auth/password/reset", operation_id = "reset_password", tag = "auth", request_body = ResetPassword,
    responses((status = 200, body = Envelope<SignedIn>)), security(()))]
pub(super) async fn reset_password(
    state: Data<ApiState>,
    request: HttpRequest,
    body: JsonBody<ResetPassword>,
) -> Result<Answer<SignedIn>, ApiError> {
    let device = device(&request, &state);
    Ok(Answer::ok(
        identity::reset_password(&state.app, body.0, device).await?,
    ))
}

/// Accept an invitation: choose a password.
#[utoipa::path(post, path = "/api/auth/invitations/accept", operation_id = "accept_invitation", tag = "auth", request_body = Accept,
    responses((status = 200, body = Envelope<SignedIn>)), security(()))]
pub(super) async fn accept_invitation(
    state: Data<ApiState>,
    request: HttpRequest,
    body: JsonBody<Accept>,
) -> Result<Answer<SignedIn>, ApiError> {
    let device = device(&request, &state);
    Ok(Answer::ok(
        identity::accept_invitation(&state.app, body.0, device).await?,
    ))
}

/// The link from the mail.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VerifyEmail {
    /// The last part of the link.
    token: String,
}

/// Confirm your mail address with the link from the mail.
#[utoipa::path(post, path = "/api/auth/email/verify", operation_id = "verify_email", tag = "auth", request_body = VerifyEmail,
    responses((status = 200, body = Envelope<User>)), security(()))]
pub(super) async fn verify_email(
    state: Data<ApiState>,
    body: JsonBody<VerifyEmail>,
) -> Result<Answer<User>, ApiError> {
    Ok(Answer::ok(
        identity::verify_email(&state.app, &body.0.token).await?,
    ))
}

/// Get a mail with a link to confirm your mail address; none if it is confirmed already.
#[utoipa::path(post, path = "/api/auth/email/verify/request", operation_id = "request_email_verification", tag = "auth",
    responses((status = 202, body = Envelope<Nothing>)), security(("bearer" = [])))]
pub(super) async fn request_verification(state: Data<ApiState>, auth: Auth) -> Result<Answer<()>, ApiError> {
    identity::request_verification(&state.app, &auth.scope).await?;
    Ok(Answer::accepted(()))
}
