//! Finding out more about leads.

mod lead;
mod providers;
mod query;
mod settings;

use actix_web::web::{ServiceConfig, resource};

#[derive(utoipa::OpenApi)]
#[openapi(paths(
    lead::enrich_lead,
    lead::get_lead_enrichment,
    settings::get_enrichment_settings,
    settings::update_enrichment_settings,
    providers::create_enrichment_provider,
    providers::list_enrichment_providers,
    providers::get_enrichment_provider,
    providers::replace_enrichment_provider,
    providers::update_enrichment_provider,
    providers::delete_enrichment_provider,
))]
pub(crate) struct Docs;

/// Words come before ids: the first match wins.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(
            resource("/api/leads/enrichment/settings")
                .get(settings::get_enrichment_settings)
                .patch(settings::update_enrichment_settings),
        )
        .service(
            resource("/api/leads/enrichment/providers")
                .get(providers::list_enrichment_providers)
                .post(providers::create_enrichment_provider),
        )
        .service(
            resource("/api/leads/enrichment/providers/{id}")
                .get(providers::get_enrichment_provider)
                .put(providers::replace_enrichment_provider)
                .patch(providers::update_enrichment_provider)
                .delete(providers::delete_enrichment_provider),
        )
        .service(resource("/api/leads/{id}/enrich").post(lead::enrich_lead))
        .service(resource("/api/leads/{id}/enrichment").get(lead::get_lead_enrichment));
}
