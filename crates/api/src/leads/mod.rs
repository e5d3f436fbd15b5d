//! Leads: keeping them, finding them, bringing them in and taking them out.

mod export;
mod import;
mod manage;
mod prediction;
mod query;
mod upload;

use actix_web::web::{ServiceConfig, resource};

#[derive(utoipa::OpenApi)]
#[openapi(
    paths(
        manage::create_lead,
        manage::list_leads,
        manage::search_leads,
        manage::overview,
        export::export_leads,
        import::import_leads,
        import::get_import,
        import::import_errors,
        manage::get_lead,
        manage::replace_lead,
        manage::update_lead,
        manage::delete_lead,
        manage::score_entries,
        manage::timeline,
        prediction::get_prediction,
        prediction::train,
        prediction::get_lead_prediction,
    ),
    components(schemas(query::ExportFormat))
)]
pub(crate) struct Docs;

/// Words come before ids: the first match wins.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(
            resource("/api/leads")
                .get(manage::list_leads)
                .post(manage::create_lead),
        )
        .service(resource("/api/leads/search").get(manage::search_leads))
        .service(resource("/api/leads/analytics/overview").get(manage::overview))
        .service(resource("/api/leads/export").get(export::export_leads))
        .service(resource("/api/leads/import").post(import::import_leads))
        .service(resource("/api/leads/imports/{id}").get(import::get_import))
        .service(resource("/api/leads/imports/{id}/errors").get(import::import_errors))
        .service(resource("/api/leads/predictions").get(prediction::get_prediction))
        .service(resource("/api/leads/predictions/train").post(prediction::train))
        .service(
            resource("/api/leads/{id}")
                .get(manage::get_lead)
                .put(manage::replace_lead)
                .patch(manage::update_lead)
                .delete(manage::delete_lead),
        )
        .service(resource("/api/leads/{id}/score/entries").get(manage::score_entries))
        .service(resource("/api/leads/{id}/timeline").get(manage::timeline))
        .service(resource("/api/leads/{id}/prediction").get(prediction::get_lead_prediction));
}
