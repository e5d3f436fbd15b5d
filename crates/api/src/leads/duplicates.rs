//! Leads that are one person: proposals, merging, and taking apart.

use super::query::{DuplicateQuery, LeadDuplicateQuery};
use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, IfMatch, JsonBody, ListEnvelope, Listing, PathId, Query,
};
use actix_web::web::Data;
use groundswell_app::duplicates::{self, MergeInput, MergedLead, NewestScan, UnmergeInput, UnmergedLeads};
use groundswell_domain::duplicates::{DuplicatePair, DuplicateScan};
use groundswell_domain::{DuplicateId, LeadId};

/// List pairs of leads that may be one person, with the evidence.
#[utoipa::path(get, path = "/api/leads/duplicates", operation_id = "list_duplicates", tag = "leads", params(DuplicateQuery),
    responses((status = 200, body = ListEnvelope<DuplicatePair>)), security(("bearer" = [])))]
pub(super) async fn list_duplicates(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<DuplicateQuery>,
) -> Result<Listing<DuplicatePair>, ApiError> {
    let page = query.page()?;
    Ok(Listing(
        duplicates::list_duplicates(&state.app, &auth.scope, &query.filter(), &page).await?,
    ))
}

/// Look for duplicates among all leads, as a job. From then on new leads are compared by themselves.
#[utoipa::path(post, path = "/api/leads/duplicates/scan", operation_id = "scan_duplicates", tag = "leads",
    responses((status = 202, body = Envelope<DuplicateScan>)), security(("bearer" = [])))]
pub(super) async fn scan_duplicates(
    state: Data<ApiState>,
    auth: Auth,
) -> Result<Answer<DuplicateScan>, ApiError> {
    Ok(Answer::accepted(
        duplicates::start_scan(&state.app, &auth.scope).await?,
    ))
}

/// How far the newest look through all leads came.
#[utoipa::path(get, path = "/api/leads/duplicates/scan", operation_id = "get_duplicate_scan", tag = "leads",
    responses((status = 200, body = Envelope<NewestScan>)), security(("bearer" = [])))]
pub(super) async fn get_scan(state: Data<ApiState>, auth: Auth) -> Result<Answer<NewestScan>, ApiError> {
    Ok(Answer::ok(duplicates::get_scan(&state.app, &auth.scope).await?))
}

/// Say that two leads are two people. Nothing proposes them again.
#[utoipa::path(post, path = "/api/leads/duplicates/{id}/dismiss", operation_id = "dismiss_duplicate", tag = "leads",
    params(("id" = DuplicateId, Path)),
    responses((status = 200, body = Envelope<DuplicatePair>)), security(("bearer" = [])))]
pub(super) async fn dismiss_duplicate(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<DuplicateId>,
) -> Result<Answer<DuplicatePair>, ApiError> {
    Ok(Answer::ok(
        duplicates::dismiss_duplicate(&state.app, &auth.scope, id.0).await?,
    ))
}

/// List the leads that may be the same person as this one.
#[utoipa::path(get, path = "/api/leads/{id}/duplicates", operation_id = "list_lead_duplicates", tag = "leads",
    params(("id" = LeadId, Path), LeadDuplicateQuery),
    responses((status = 200, body = ListEnvelope<DuplicatePair>)), security(("bearer" = [])))]
pub(super) async fn list_lead_duplicates(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<LeadId>,
    query: Query<LeadDuplicateQuery>,
) -> Result<Listing<DuplicatePair>, ApiError> {
    let page = query.page()?;
    Ok(Listing(
        duplicates::list_duplicates(&state.app, &auth.scope, &query.filter(id.0), &page).await?,
    ))
}

/// Make one lead of two: another one becomes part of this one, with everything that happened to it.
#[utoipa::path(post, path = "/api/leads/{id}/merge", operation_id = "merge_lead", tag = "leads",
    params(("id" = LeadId, Path), IfMatch), request_body = MergeInput,
    responses((status = 200, body = Envelope<MergedLead>)), security(("bearer" = [])))]
pub(super) async fn merge_lead(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<LeadId>,
    expected: IfMatch,
    body: JsonBody<MergeInput>,
) -> Result<Answer<MergedLead>, ApiError> {
    Ok(Answer::ok(
        duplicates::merge_lead(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Take the lead that was merged last out of this one again: both are what they were, but for what has happened since.
#[utoipa::path(post, path = "/api/leads/{id}/unmerge", operation_id = "unmerge_lead", tag = "leads",
    params(("id" = LeadId, Path), IfMatch), request_body = UnmergeInput,
    responses((status = 200, body = Envelope<UnmergedLeads>)), security(("bearer" = [])))]
pub(super) async fn unmerge_lead(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<LeadId>,
    expected: IfMatch,
    body: JsonBody<UnmergeInput>,
) -> Result<Answer<UnmergedLeads>, ApiError> {
    Ok(Answer::ok(
        duplicates::unmerge_lead(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}
