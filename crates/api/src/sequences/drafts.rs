//! Drafts of an outreach.

use super::query::DraftQuery;
use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, IfMatch, JsonBody, ListEnvelope, Listing, PathId, Query,
};
use actix_web::web::Data;
use groundswell_app::sequences::{self, DraftPatch};
use groundswell_domain::sequences::Draft;
use groundswell_domain::{DraftId, SequenceId};

/// List the drafts of an outreach.
#[utoipa::path(get, path = "/api/leads/outreach/{id}/drafts", operation_id = "list_outreach_drafts", tag = "leads",
    params(("id" = SequenceId, Path), DraftQuery),
    responses((status = 200, body = ListEnvelope<Draft>)), security(("bearer" = [])))]
pub(super) async fn list_drafts(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SequenceId>,
    query: Query<DraftQuery>,
) -> Result<Listing<Draft>, ApiError> {
    let (status, page) = (query.status, query.page()?);
    Ok(Listing(
        sequences::list_drafts(&state.app, &auth.scope, id.0, status, &page).await?,
    ))
}

/// Read a draft.
#[utoipa::path(get, path = "/api/leads/outreach/drafts/{id}", operation_id = "get_outreach_draft", tag = "leads",
    params(("id" = DraftId, Path)), responses((status = 200, body = Envelope<Draft>)), security(("bearer" = [])))]
pub(super) async fn get_draft(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<DraftId>,
) -> Result<Answer<Draft>, ApiError> {
    Ok(Answer::versioned(
        sequences::get_draft(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Change a draft that waits for a person. It is sent as it stands here: `{{ unsubscribe_url }}` is the only field in it.
#[utoipa::path(patch, path = "/api/leads/outreach/drafts/{id}", operation_id = "update_outreach_draft", tag = "leads",
    params(("id" = DraftId, Path), IfMatch), request_body = DraftPatch,
    responses((status = 200, body = Envelope<Draft>)), security(("bearer" = [])))]
pub(super) async fn update_draft(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<DraftId>,
    expected: IfMatch,
    body: JsonBody<DraftPatch>,
) -> Result<Answer<Draft>, ApiError> {
    Ok(Answer::versioned(
        sequences::update_draft(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Approve a draft: it is sent at its lead's best hour.
#[utoipa::path(post, path = "/api/leads/outreach/drafts/{id}/approve", operation_id = "approve_outreach_draft", tag = "leads",
    params(("id" = DraftId, Path)), responses((status = 200, body = Envelope<Draft>)), security(("bearer" = [])))]
pub(super) async fn approve_draft(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<DraftId>,
) -> Result<Answer<Draft>, ApiError> {
    Ok(Answer::versioned(
        sequences::approve_draft(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Reject a draft: its lead gets no mail of this outreach.
#[utoipa::path(post, path = "/api/leads/outreach/drafts/{id}/reject", operation_id = "reject_outreach_draft", tag = "leads",
    params(("id" = DraftId, Path)), responses((status = 200, body = Envelope<Draft>)), security(("bearer" = [])))]
pub(super) async fn reject_draft(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<DraftId>,
) -> Result<Answer<Draft>, ApiError> {
    Ok(Answer::versioned(
        sequences::reject_draft(&state.app, &auth.scope, id.0).await?,
    ))
}
