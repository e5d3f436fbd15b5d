//! Create, read, update, delete, and the numbers.

use super::query::{LeadQuery, ScoreQuery, TimelineQuery};
use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, IfMatch, JsonBody, ListEnvelope, Listing, Nothing, PathId,
    Query, Shared,
};
use actix_web::HttpRequest;
use actix_web::web::Data;
use groundswell_app::leads::{self, LeadPatch, NewLead};
use groundswell_app::scoring;
use groundswell_domain::leads::{Lead, LeadEvent, LeadOverview, ScoreEntry};
use groundswell_domain::{Error, LeadId};

/// Create a lead.
#[utoipa::path(post, path = "/api/leads", operation_id = "create_lead", tag = "leads", request_body = NewLead,
    responses((status = 201, body = Envelope<Lead>)), security(("bearer" = [])))]
pub(super) async fn create_lead(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<NewLead>,
) -> Result<Answer<Lead>, ApiError> {
    let lead = leads::create_lead(&state.app, &auth.scope, body.0).await?;
    Ok(Answer::created(format!("/api/leads/{}", lead.id), lead))
}

/// List leads.
#[utoipa::path(get, path = "/api/leads", operation_id = "list_leads", tag = "leads", params(LeadQuery),
    responses((status = 200, body = ListEnvelope<Lead>)), security(("bearer" = [])))]
pub(super) async fn list_leads(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<LeadQuery>,
    request: HttpRequest,
) -> Result<Shared, ApiError> {
    let page = query.page()?;
    let filter = query.0.filter();
    let read = async {
        let found = leads::list_leads(&state.app, &auth.scope, &filter, &page).await?;
        Ok(Listing(found))
    };
    state.shared.read(&auth.scope, &request, read).await
}

/// Search leads by name, address or company.
#[utoipa::path(get, path = "/api/leads/search", operation_id = "search_leads", tag = "leads", params(LeadQuery),
    responses((status = 200, body = ListEnvelope<Lead>)), security(("bearer" = [])))]
pub(super) async fn search_leads(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<LeadQuery>,
    request: HttpRequest,
) -> Result<Shared, ApiError> {
    if query.q.as_deref().is_none_or(|text| text.trim().is_empty()) {
        return Err(Error::invalid("q", "says what to search for, and is required").into());
    }
    list_leads(state, auth, query, request).await
}

/// Read a lead.
#[utoipa::path(get, path = "/api/leads/{id}", operation_id = "get_lead", tag = "leads", params(("id" = LeadId, Path)),
    responses((status = 200, body = Envelope<Lead>)), security(("bearer" = [])))]
pub(super) async fn get_lead(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<LeadId>,
) -> Result<Answer<Lead>, ApiError> {
    Ok(Answer::versioned(
        leads::get_lead(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Replace a lead; its score and history stay.
#[utoipa::path(put, path = "/api/leads/{id}", operation_id = "replace_lead", tag = "leads", params(("id" = LeadId, Path), IfMatch),
    request_body = NewLead, responses((status = 200, body = Envelope<Lead>)), security(("bearer" = [])))]
pub(super) async fn replace_lead(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<LeadId>,
    expected: IfMatch,
    body: JsonBody<NewLead>,
) -> Result<Answer<Lead>, ApiError> {
    Ok(Answer::versioned(
        leads::replace_lead(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Change a lead: what is absent stays, null clears.
#[utoipa::path(patch, path = "/api/leads/{id}", operation_id = "update_lead", tag = "leads", params(("id" = LeadId, Path), IfMatch),
    request_body = LeadPatch, responses((status = 200, body = Envelope<Lead>)), security(("bearer" = [])))]
pub(super) async fn update_lead(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<LeadId>,
    expected: IfMatch,
    body: JsonBody<LeadPatch>,
) -> Result<Answer<Lead>, ApiError> {
    Ok(Answer::versioned(
        leads::update_lead(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Delete a lead with its ledger and submissions.
#[utoipa::path(delete, path = "/api/leads/{id}", operation_id = "delete_lead", tag = "leads", params(("id" = LeadId, Path)),
    responses((status = 200, body = Envelope<Nothing>)), security(("bearer" = [])))]
pub(super) async fn delete_lead(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<LeadId>,
) -> Result<Nothing, ApiError> {
    leads::delete_lead(&state.app, &auth.scope, id.0).await?;
    Ok(Nothing)
}

/// How many leads there are, by what came of them.
#[utoipa::path(get, path = "/api/leads/analytics/overview", operation_id = "get_lead_overview", tag = "leads",
    responses((status = 200, body = Envelope<LeadOverview>)), security(("bearer" = [])))]
pub(super) async fn overview(state: Data<ApiState>, auth: Auth) -> Result<Answer<LeadOverview>, ApiError> {
    Ok(Answer::ok(leads::overview(&state.app, &auth.scope).await?))
}

/// The ledger behind a lead's score: its lines always sum to it.
#[utoipa::path(get, path = "/api/leads/{id}/score/entries", operation_id = "list_score_entries", tag = "leads",
    params(("id" = LeadId, Path), ScoreQuery),
    responses((status = 200, body = ListEnvelope<ScoreEntry>)), security(("bearer" = [])))]
pub(super) async fn score_entries(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<LeadId>,
    query: Query<ScoreQuery>,
) -> Result<Listing<ScoreEntry>, ApiError> {
    Ok(Listing(
        scoring::score_entries(&state.app, &auth.scope, id.0, query.model, &query.page()?).await?,
    ))
}

/// Everything that happened to a lead, newest first: submissions, mails, opens and clicks, points, stages, consents.
#[utoipa::path(get, path = "/api/leads/{id}/timeline", operation_id = "list_lead_timeline", tag = "leads",
    params(("id" = LeadId, Path), TimelineQuery),
    responses((status = 200, body = ListEnvelope<LeadEvent>)), security(("bearer" = [])))]
pub(super) async fn timeline(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<LeadId>,
    query: Query<TimelineQuery>,
) -> Result<Listing<LeadEvent>, ApiError> {
    Ok(Listing(
        leads::timeline(&state.app, &auth.scope, id.0, &query.page()?).await?,
    ))
}
