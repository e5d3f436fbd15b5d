//! Sources of leads, and pulling from them.

use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, IfMatch, JsonBody, ListEnvelope, Listing, Nothing, PathId,
    Query, page_request,
};
use actix_web::web::Data;
use groundswell_app::leads::{self, NewLeadSource, SyncLeads, SyncStarted};
use groundswell_domain::leads::{LeadSource, SourceSort};
use groundswell_domain::{PageRequest, Sort, SourceId};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SourceQuery {
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `created_at` or `name`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl SourceQuery {
    fn page(&self) -> Result<PageRequest<SourceSort>, ApiError> {
        let default = Sort::descending(SourceSort::CreatedAt);
        page_request(
            self.limit,
            self.cursor.as_deref(),
            self.sort.as_deref(),
            self.with_total,
            default,
        )
    }
}

/// Create a source: a CSV file, a spreadsheet or a JSON API at an address, or another Groundswell. Its secret is kept as a
/// secret of the organization, under a service whose name begins with `lead-source-`.
#[utoipa::path(post, path = "/api/leads/sources", operation_id = "create_lead_source", tag = "leads", request_body = NewLeadSource,
    responses((status = 201, body = Envelope<LeadSource>)), security(("bearer" = [])))]
pub(super) async fn create_source(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<NewLeadSource>,
) -> Result<Answer<LeadSource>, ApiError> {
    let source = leads::create_source(&state.app, &auth.scope, body.0).await?;
    Ok(Answer::created(
        format!("/api/leads/sources/{}", source.id),
        source,
    ))
}

/// List sources, each with what its last sync came to.
#[utoipa::path(get, path = "/api/leads/sources", operation_id = "list_lead_sources", tag = "leads", params(SourceQuery),
    responses((status = 200, body = ListEnvelope<LeadSource>)), security(("bearer" = [])))]
pub(super) async fn list_sources(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<SourceQuery>,
) -> Result<Listing<LeadSource>, ApiError> {
    let page = query.page()?;
    Ok(Listing(
        leads::list_sources(&state.app, &auth.scope, &page).await?,
    ))
}

/// Read a source.
#[utoipa::path(get, path = "/api/leads/sources/{id}", operation_id = "get_lead_source", tag = "leads", params(("id" = SourceId, Path)),
    responses((status = 200, body = Envelope<LeadSource>)), security(("bearer" = [])))]
pub(super) async fn get_source(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SourceId>,
) -> Result<Answer<LeadSource>, ApiError> {
    Ok(Answer::versioned(
        leads::get_source(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Replace a source. The next sync pulls all of it anew.
#[utoipa::path(put, path = "/api/leads/sources/{id}", operation_id = "replace_lead_source", tag = "leads", params(("id" = SourceId, Path), IfMatch),
    request_body = NewLeadSource, responses((status = 200, body = Envelope<LeadSource>)), security(("bearer" = [])))]
pub(super) async fn replace_source(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SourceId>,
    expected: IfMatch,
    body: JsonBody<NewLeadSource>,
) -> Result<Answer<LeadSource>, ApiError> {
    Ok(Answer::versioned(
        leads::replace_source(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Delete a source; what was pulled from it stays.
#[utoipa::path(delete, path = "/api/leads/sources/{id}", operation_id = "delete_lead_source", tag = "leads", params(("id" = SourceId, Path)),
    responses((status = 200, body = Envelope<Nothing>)), security(("bearer" = [])))]
pub(super) async fn delete_source(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SourceId>,
) -> Result<Nothing, ApiError> {
    leads::delete_source(&state.app, &auth.scope, id.0).await?;
    Ok(Nothing)
}

/// Pull what is new from all sources, or from those that are named: a job for each.
#[utoipa::path(post, path = "/api/leads/sync", operation_id = "sync_leads", tag = "leads", request_body = SyncLeads,
    responses((status = 202, body = Envelope<SyncStarted>)), security(("bearer" = [])))]
pub(super) async fn sync_leads(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<SyncLeads>,
) -> Result<Answer<SyncStarted>, ApiError> {
    Ok(Answer::accepted(
        leads::sync_leads(&state.app, &auth.scope, body.0).await?,
    ))
}
