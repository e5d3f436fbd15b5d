//! Segments as people manage and use them.

use super::query::{MemberQuery, SegmentQuery};
use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, IfMatch, JsonBody, ListEnvelope, Listing, Nothing, PathId,
    Query,
};
use actix_web::web::Data;
use groundswell_app::segments::{self, Freezing, NewSegment, Preview, PreviewRequest, SegmentPatch};
use groundswell_domain::SegmentId;
use groundswell_domain::leads::Lead;
use groundswell_domain::segments::Segment;

/// Create a segment.
#[utoipa::path(post, path = "/api/segments", operation_id = "create_segment", tag = "segments", request_body = NewSegment,
    responses((status = 201, body = Envelope<Segment>)), security(("bearer" = [])))]
pub(super) async fn create_segment(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<NewSegment>,
) -> Result<Answer<Segment>, ApiError> {
    let segment = segments::create_segment(&state.app, &auth.scope, body.0).await?;
    Ok(Answer::created(format!("/api/segments/{}", segment.id), segment))
}

/// List segments.
#[utoipa::path(get, path = "/api/segments", operation_id = "list_segments", tag = "segments", params(SegmentQuery),
    responses((status = 200, body = ListEnvelope<Segment>)), security(("bearer" = [])))]
pub(super) async fn list_segments(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<SegmentQuery>,
) -> Result<Listing<Segment>, ApiError> {
    let (name, page) = (query.q.as_deref(), query.page()?);
    Ok(Listing(
        segments::list_segments(&state.app, &auth.scope, name, query.client_id, &page).await?,
    ))
}

/// Count the leads that an expression means, and show some of them. A mistake is named with its line and column in
/// `details[].position`.
#[utoipa::path(post, path = "/api/segments/preview", operation_id = "preview_segment", tag = "segments",
    request_body = PreviewRequest, responses((status = 200, body = Envelope<Preview>)), security(("bearer" = [])))]
pub(super) async fn preview_segment(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<PreviewRequest>,
) -> Result<Answer<Preview>, ApiError> {
    Ok(Answer::ok(
        segments::preview_segment(&state.app, &auth.scope, body.0).await?,
    ))
}

/// Read a segment.
#[utoipa::path(get, path = "/api/segments/{id}", operation_id = "get_segment", tag = "segments", params(("id" = SegmentId, Path)),
    responses((status = 200, body = Envelope<Segment>)), security(("bearer" = [])))]
pub(super) async fn get_segment(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SegmentId>,
) -> Result<Answer<Segment>, ApiError> {
    Ok(Answer::versioned(
        segments::get_segment(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Replace a segment. Of a frozen one only name and description can be another.
#[utoipa::path(put, path = "/api/segments/{id}", operation_id = "replace_segment", tag = "segments",
    params(("id" = SegmentId, Path), IfMatch), request_body = NewSegment,
    responses((status = 200, body = Envelope<Segment>)), security(("bearer" = [])))]
pub(super) async fn replace_segment(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SegmentId>,
    expected: IfMatch,
    body: JsonBody<NewSegment>,
) -> Result<Answer<Segment>, ApiError> {
    Ok(Answer::versioned(
        segments::replace_segment(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Change a segment: what is absent stays. Campaigns that were launched keep the audience they had.
#[utoipa::path(patch, path = "/api/segments/{id}", operation_id = "update_segment", tag = "segments",
    params(("id" = SegmentId, Path), IfMatch), request_body = SegmentPatch,
    responses((status = 200, body = Envelope<Segment>)), security(("bearer" = [])))]
pub(super) async fn update_segment(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SegmentId>,
    expected: IfMatch,
    body: JsonBody<SegmentPatch>,
) -> Result<Answer<Segment>, ApiError> {
    Ok(Answer::versioned(
        segments::update_segment(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Delete a segment. Refused while a campaign that is not finished is for it.
#[utoipa::path(delete, path = "/api/segments/{id}", operation_id = "delete_segment", tag = "segments", params(("id" = SegmentId, Path)),
    responses((status = 200, body = Envelope<Nothing>)), security(("bearer" = [])))]
pub(super) async fn delete_segment(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SegmentId>,
) -> Result<Nothing, ApiError> {
    segments::delete_segment(&state.app, &auth.scope, id.0).await?;
    Ok(Nothing)
}

/// Freeze a segment: whoever is in it now stays in it, and nobody else comes. A job writes them down.
#[utoipa::path(post, path = "/api/segments/{id}/freeze", operation_id = "freeze_segment", tag = "segments",
    params(("id" = SegmentId, Path)), responses((status = 202, body = Envelope<Freezing>)), security(("bearer" = [])))]
pub(super) async fn freeze_segment(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SegmentId>,
) -> Result<Answer<Freezing>, ApiError> {
    Ok(Answer::accepted(
        segments::freeze_segment(&state.app, &auth.scope, id.0).await?,
    ))
}

/// List the leads of a segment.
#[utoipa::path(get, path = "/api/segments/{id}/leads", operation_id = "list_segment_leads", tag = "segments",
    params(("id" = SegmentId, Path), MemberQuery),
    responses((status = 200, body = ListEnvelope<Lead>)), security(("bearer" = [])))]
pub(super) async fn list_segment_leads(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SegmentId>,
    query: Query<MemberQuery>,
) -> Result<Listing<Lead>, ApiError> {
    Ok(Listing(
        segments::list_segment_leads(&state.app, &auth.scope, id.0, &query.page()?).await?,
    ))
}
