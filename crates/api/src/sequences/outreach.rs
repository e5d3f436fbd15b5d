//! Outreach: a personal mail for each of many leads.

use crate::http::{Answer, ApiError, ApiState, Auth, Envelope, JsonBody, PathId};
use actix_web::web::Data;
use groundswell_app::sequences::{self, Approval, NewOutreach, Outreach};
use groundswell_domain::SequenceId;

/// Prepare a personal mail for each lead of a segment (or for some leads): drafts that a person approves. Each is then sent at its
/// lead's best hour.
#[utoipa::path(post, path = "/api/leads/outreach", operation_id = "create_outreach", tag = "leads", request_body = NewOutreach,
    responses((status = 202, body = Envelope<Outreach>)), security(("bearer" = [])))]
pub(super) async fn create_outreach(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<NewOutreach>,
) -> Result<Answer<Outreach>, ApiError> {
    Ok(Answer::accepted(
        sequences::create_outreach(&state.app, &auth.scope, body.0).await?,
    ))
}

/// Read an outreach: how many drafts wait, were approved, and are on their way.
#[utoipa::path(get, path = "/api/leads/outreach/{id}", operation_id = "get_outreach", tag = "leads",
    params(("id" = SequenceId, Path)), responses((status = 200, body = Envelope<Outreach>)), security(("bearer" = [])))]
pub(super) async fn get_outreach(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SequenceId>,
) -> Result<Answer<Outreach>, ApiError> {
    Ok(Answer::ok(
        sequences::get_outreach(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Approve every draft of an outreach that waits for a person.
#[utoipa::path(post, path = "/api/leads/outreach/{id}/approve", operation_id = "approve_outreach", tag = "leads",
    params(("id" = SequenceId, Path)), responses((status = 200, body = Envelope<Approval>)), security(("bearer" = [])))]
pub(super) async fn approve_outreach(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SequenceId>,
) -> Result<Answer<Approval>, ApiError> {
    Ok(Answer::ok(
        sequences::approve_outreach(&state.app, &auth.scope, id.0).await?,
    ))
}
