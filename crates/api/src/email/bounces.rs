//! Mails that came back.

use crate::http::{Answer, ApiError, ApiState, Auth, Envelope, read_body};
use actix_web::web::{Data, Payload};
use groundswell_app::email::{self, TakenBounce};

/// Take a mail that came back, as it arrived. Whoever receives mail at the sender's address posts it here.
#[utoipa::path(post, path = "/api/email/bounces", operation_id = "take_bounce", tag = "email",
    request_body(content = String, content_type = "message/rfc822", description = "A bounce (RFC 3464 or any other) or a complaint (RFC 5965)"),
    responses((status = 200, body = Envelope<Vec<TakenBounce>>)), security(("bearer" = [])))]
pub(super) async fn take_bounce(
    state: Data<ApiState>,
    auth: Auth,
    payload: Payload,
) -> Result<Answer<Vec<TakenBounce>>, ApiError> {
    let mail = read_body(&mut payload.into_inner(), state.settings.json_body).await?;
    Ok(Answer::ok(
        email::take_bounce(&state.app, &auth.scope, &mail).await?,
    ))
}
