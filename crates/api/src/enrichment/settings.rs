//! Whether new leads are enriched by themselves.

use crate::http::{Answer, ApiError, ApiState, Auth, Envelope, JsonBody};
use actix_web::web::Data;
use groundswell_app::enrichment::{self, SettingsPatch};
use groundswell_domain::enrichment::EnrichmentSettings;

/// Read whether new leads are enriched by themselves, and how many today.
#[utoipa::path(get, path = "/api/leads/enrichment/settings", operation_id = "get_enrichment_settings", tag = "enrichment",
    responses((status = 200, body = Envelope<EnrichmentSettings>)), security(("bearer" = [])))]
pub(super) async fn get_enrichment_settings(
    state: Data<ApiState>,
    auth: Auth,
) -> Result<Answer<EnrichmentSettings>, ApiError> {
    Ok(Answer::ok(
        enrichment::get_settings(&state.app, &auth.scope).await?,
    ))
}

/// Change whether new leads are enriched by themselves, and how many a day: what is absent stays.
#[utoipa::path(patch, path = "/api/leads/enrichment/settings", operation_id = "update_enrichment_settings", tag = "enrichment",
    request_body = SettingsPatch, responses((status = 200, body = Envelope<EnrichmentSettings>)), security(("bearer" = [])))]
pub(super) async fn update_enrichment_settings(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<SettingsPatch>,
) -> Result<Answer<EnrichmentSettings>, ApiError> {
    Ok(Answer::ok(
        enrichment::update_settings(&state.app, &auth.scope, body.0).await?,
    ))
}
