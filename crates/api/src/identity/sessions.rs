//! A person's own sessions.

use crate::http::{Answer, ApiError, ApiState, Auth, Envelope, Nothing, PathId};
use actix_web::web::Data;
use groundswell_app::identity::{self, SessionView};
use groundswell_domain::SessionId;
use serde::Serialize;
use utoipa::ToSchema;

/// List where you are signed in.
#[utoipa::path(get, path = "/api/auth/sessions", operation_id = "list_sessions", tag = "auth",
    responses((status = 200, body = Envelope<Vec<SessionView>>)), security(("bearer" = [])))]
pub(super) async fn list_sessions(
    state: Data<ApiState>,
    auth: Auth,
) -> Result<Answer<Vec<SessionView>>, ApiError> {
    Ok(Answer::ok(
        identity::list_sessions(&state.app, &auth.scope).await?,
    ))
}

/// How many sessions ended.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Ended {
    ended: u64,
}

/// Sign out everywhere else.
#[utoipa::path(delete, path = "/api/auth/sessions", operation_id = "end_other_sessions", tag = "auth",
    responses((status = 200, body = Envelope<Ended>)), security(("bearer" = [])))]
pub(super) async fn end_other_sessions(state: Data<ApiState>, auth: Auth) -> Result<Answer<Ended>, ApiError> {
    let ended = identity::end_other_sessions(&state.app, &auth.scope).await?;
    Ok(Answer::ok(Ended { ended }))
}

/// End one of your sessions. Its access tokens are refused everywhere within five seconds.
#[utoipa::path(delete, path = "/api/auth/sessions/{id}", operation_id = "end_session", tag = "auth",
    params(("id" = SessionId, Path)), responses((status = 200, body = Envelope<Nothing>)), security(("bearer" = [])))]
pub(super) async fn end_session(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SessionId>,
) -> Result<Nothing, ApiError> {
    identity::end_session(&state.app, &auth.scope, id.0).await?;
    Ok(Nothing)
}
