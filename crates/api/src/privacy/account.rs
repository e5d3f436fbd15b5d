//! `DELETE /api/user/account`.

use super::whole;
use crate::http::{Answer, ApiError, ApiState, Auth, ClientIp, Envelope, JsonBody};
use actix_web::HttpRequest;
use actix_web::web::Data;
use groundswell_app::privacy::{self, DeleteAccount};
use groundswell_domain::Error;
use groundswell_domain::privacy::Erasure;

/// Delete your account. All your sessions and API keys end. The last administrator among other people can't (409
/// `last_admin`); the only person of an organization says `delete_organization`, and everything in it goes.
#[utoipa::path(delete, path = "/api/user/account", operation_id = "delete_account", tag = "privacy", request_body = DeleteAccount,
    responses((status = 200, body = Envelope<Erasure>)), security(("bearer" = [])))]
pub(super) async fn delete_account(
    state: Data<ApiState>,
    request: HttpRequest,
    ip: ClientIp,
    auth: Auth,
    body: JsonBody<DeleteAccount>,
) -> Result<Answer<Erasure>, ApiError> {
    // Whoever holds a stolen token must not guess the password with it.
    let account = auth.scope.actor.user().map(|user| user.to_string());
    let account = account.unwrap_or_default();
    let begun = state.limits.begin_sign_in(&request, ip, &account).await?;
    let guessed = body.0.password.is_some();
    let answer = {
        let state = state.clone();
        whole(async move { privacy::delete_account(&state.app, &auth.scope, body.0).await }).await
    };
    state
        .limits
        .end_sign_in(&request, begun, &answer, |error| {
            guessed && is_wrong_password(error)
        })
        .await;
    Ok(Answer::ok(answer?))
}

/// What [`privacy::delete_account`] says of the password.
fn is_wrong_password(error: &Error) -> bool {
    matches!(error, Error::Invalid(fields) if fields.iter().any(|field| field.field == "password"))
}
