//! Providers: create, read, update, delete.

use super::query::ProviderQuery;
use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, IfMatch, JsonBody, ListEnvelope, Listing, Nothing, PathId,
    Query,
};
use actix_web::web::Data;
use groundswell_app::enrichment::{self, NewProvider, ProviderPatch};
use groundswell_domain::EnrichmentProviderId;
use groundswell_domain::enrichment::EnrichmentProvider;

/// Set up a service that tells more about leads.
#[utoipa::path(post, path = "/api/leads/enrichment/providers", operation_id = "create_enrichment_provider", tag = "enrichment", request_body = NewProvider,
    responses((status = 201, body = Envelope<EnrichmentProvider>)), security(("bearer" = [])))]
pub(super) async fn create_enrichment_provider(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<NewProvider>,
) -> Result<Answer<EnrichmentProvider>, ApiError> {
    let provider = enrichment::create_provider(&state.app, &auth.scope, body.0).await?;
    Ok(Answer::created(
        format!("/api/leads/enrichment/providers/{}", provider.id),
        provider,
    ))
}

/// List providers, in the order in which they are asked.
#[utoipa::path(get, path = "/api/leads/enrichment/providers", operation_id = "list_enrichment_providers", tag = "enrichment", params(ProviderQuery),
    responses((status = 200, body = ListEnvelope<EnrichmentProvider>)), security(("bearer" = [])))]
pub(super) async fn list_enrichment_providers(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<ProviderQuery>,
) -> Result<Listing<EnrichmentProvider>, ApiError> {
    let page = query.page()?;
    Ok(Listing(
        enrichment::list_providers(&state.app, &auth.scope, &page).await?,
    ))
}

/// Read a provider.
#[utoipa::path(get, path = "/api/leads/enrichment/providers/{id}", operation_id = "get_enrichment_provider", tag = "enrichment", params(("id" = EnrichmentProviderId, Path)),
    responses((status = 200, body = Envelope<EnrichmentProvider>)), security(("bearer" = [])))]
pub(super) async fn get_enrichment_provider(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<EnrichmentProviderId>,
) -> Result<Answer<EnrichmentProvider>, ApiError> {
    Ok(Answer::versioned(
        enrichment::get_provider(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Replace a provider.
#[utoipa::path(put, path = "/api/leads/enrichment/providers/{id}", operation_id = "replace_enrichment_provider", tag = "enrichment", params(("id" = EnrichmentProviderId, Path), IfMatch),
    request_body = NewProvider, responses((status = 200, body = Envelope<EnrichmentProvider>)), security(("bearer" = [])))]
pub(super) async fn replace_enrichment_provider(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<EnrichmentProviderId>,
    expected: IfMatch,
    body: JsonBody<NewProvider>,
) -> Result<Answer<EnrichmentProvider>, ApiError> {
    Ok(Answer::versioned(
        enrichment::replace_provider(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Change a provider: what is absent stays, null clears.
#[utoipa::path(patch, path = "/api/leads/enrichment/providers/{id}", operation_id = "update_enrichment_provider", tag = "enrichment", params(("id" = EnrichmentProviderId, Path), IfMatch),
    request_body = ProviderPatch, responses((status = 200, body = Envelope<EnrichmentProvider>)), security(("bearer" = [])))]
pub(super) async fn update_enrichment_provider(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<EnrichmentProviderId>,
    expected: IfMatch,
    body: JsonBody<ProviderPatch>,
) -> Result<Answer<EnrichmentProvider>, ApiError> {
    Ok(Answer::versioned(
        enrichment::update_provider(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Delete a provider; what it said stays until it expires.
#[utoipa::path(delete, path = "/api/leads/enrichment/providers/{id}", operation_id = "delete_enrichment_provider", tag = "enrichment", params(("id" = EnrichmentProviderId, Path)),
    responses((status = 200, body = Envelope<Nothing>)), security(("bearer" = [])))]
pub(super) async fn delete_enrichment_provider(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<EnrichmentProviderId>,
) -> Result<Nothing, ApiError> {
    enrichment::delete_provider(&state.app, &auth.scope, id.0).await?;
    Ok(Nothing)
}
