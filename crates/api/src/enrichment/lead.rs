//! One lead.

use super::query::EnrichQuery;
use crate::http::{Answer, ApiError, ApiState, Auth, Envelope, PathId, Query};
use actix_web::web::Data;
use groundswell_app::enrichment::{self, EnrichmentStarted, LeadEnrichment};
use groundswell_domain::LeadId;

/// Find out more about a lead: from the address, the job title, the company's site, and the organization's providers.
#[utoipa::path(post, path = "/api/leads/{id}/enrich", operation_id = "enrich_lead", tag = "enrichment",
    params(("id" = LeadId, Path), EnrichQuery),
    responses((status = 202, body = Envelope<EnrichmentStarted>)), security(("bearer" = [])))]
pub(super) async fn enrich_lead(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<LeadId>,
    query: Query<EnrichQuery>,
) -> Result<Answer<EnrichmentStarted>, ApiError> {
    let force = query.0.force.unwrap_or(false);
    Ok(Answer::accepted(
        enrichment::start_enrichment(&state.app, &auth.scope, id.0, force).await?,
    ))
}

/// What was found out about a lead, by whom, when, and how sure that is.
#[utoipa::path(get, path = "/api/leads/{id}/enrichment", operation_id = "get_lead_enrichment", tag = "enrichment",
    params(("id" = LeadId, Path)),
    responses((status = 200, body = Envelope<LeadEnrichment>)), security(("bearer" = [])))]
pub(super) async fn get_lead_enrichment(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<LeadId>,
) -> Result<Answer<LeadEnrichment>, ApiError> {
    Ok(Answer::ok(
        enrichment::get_enrichment(&state.app, &auth.scope, id.0).await?,
    ))
}
