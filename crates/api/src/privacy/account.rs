//! `DELETE /api/user/account`.

use crate::http::{Answer, ApiError, ApiState, Auth, Envelope, JsonBody};
use actix_web::web::Data;
use groundswell_app::privacy::{self, DeleteAccount};
use groundswell_domain::privacy::Erasure;

/// Delete your account. All your sessions and API keys end. The last administrator among other people can't (409
/// `last_admin`); the only person of an organization says `delete_organization`, and everything in it goes.
#[utoipa::path(delete, path = "/api/user/account", operation_id = "delete_account", tag = "privacy", request_body = DeleteAccount,
    responses((status = 200, body = Envelope<Erasure>)), security(("bearer" = [])))]
pub(super) async fn delete_account(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<DeleteAccount>,
) -> Result<Answer<Erasure>, ApiError> {
    Ok(Answer::ok(
        privacy::delete_account(&state.app, &auth.scope, body.0).await?,
    ))
}
