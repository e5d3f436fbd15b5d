//! Leads: keeping them, finding them, bringing them in and taking them out.

mod duplicates;
mod export;
mod import;
mod manage;
mod prediction;
mod qualification;
mod query;
mod scoring;
mod sources;
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
        import::preview_import,
        import::undo_import,
        import::import_kept,
        sources::create_source,
        sources::list_sources,
        sources::get_source,
        sources::replace_source,
        sources::delete_source,
        sources::sync_leads,
        duplicates::list_duplicates,
        duplicates::scan_duplicates,
        duplicates::get_scan,
        duplicates::dismiss_duplicate,
        duplicates::list_lead_duplicates,
        duplicates::merge_lead,
        duplicates::unmerge_lead,
        manage::get_lead,
        manage::replace_lead,
        manage::update_lead,
        manage::delete_lead,
        manage::score_entries,
        manage::timeline,
        qualification::get_qualification,
        qualification::qualify_lead,
        qualification::set_stage,
        qualification::convert_lead,
        qualification::add_note,
        qualification::create_rules,
        qualification::list_rules,
        qualification::get_rules,
        qualification::replace_rules,
        qualification::update_rules,
        qualification::delete_rules,
        qualification::preview_rules,
        prediction::get_prediction,
        prediction::train,
        prediction::get_lead_prediction,
        scoring::score_lead,
        scoring::create_model,
        scoring::list_models,
        scoring::get_model,
        scoring::replace_model,
        scoring::update_model,
        scoring::delete_model,
        scoring::preview_model,
        scoring::train_model,
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
        .service(resource("/api/leads/sync").post(sources::sync_leads))
        .service(
            resource("/api/leads/sources")
                .get(sources::list_sources)
                .post(sources::create_source),
        )
        .service(
            resource("/api/leads/sources/{id}")
                .get(sources::get_source)
                .put(sources::replace_source)
                .delete(sources::delete_source),
        )
        .service(resource("/api/leads/import/preview").post(import::preview_import))
        .service(resource("/api/leads/imports/{id}/undo").post(import::undo_import))
        .service(resource("/api/leads/imports/{id}/kept").get(import::import_kept))
        .service(resource("/api/leads/imports/{id}").get(import::get_import))
        .service(resource("/api/leads/imports/{id}/errors").get(import::import_errors))
        .service(resource("/api/leads/duplicates").get(duplicates::list_duplicates))
        .service(
            resource("/api/leads/duplicates/scan")
                .get(duplicates::get_scan)
                .post(duplicates::scan_duplicates),
        )
        .service(resource("/api/leads/duplicates/{id}/dismiss").post(duplicates::dismiss_duplicate))
        .service(resource("/api/leads/predictions").get(prediction::get_prediction))
        .service(resource("/api/leads/predictions/train").post(prediction::train))
        .service(
            resource("/api/leads/scoring/models")
                .get(scoring::list_models)
                .post(scoring::create_model),
        )
        .service(
            resource("/api/leads/scoring/models/{id}")
                .get(scoring::get_model)
                .put(scoring::replace_model)
                .patch(scoring::update_model)
                .delete(scoring::delete_model),
        )
        .service(resource("/api/leads/scoring/models/{id}/preview").post(scoring::preview_model))
        .service(resource("/api/leads/scoring/models/{id}/train").post(scoring::train_model))
        .service(
            resource("/api/leads/qualification/rules")
                .get(qualification::list_rules)
                .post(qualification::create_rules),
        )
        .service(
            resource("/api/leads/qualification/rules/{id}")
                .get(qualification::get_rules)
                .put(qualification::replace_rules)
                .patch(qualification::update_rules)
                .delete(qualification::delete_rules),
        )
        .service(resource("/api/leads/qualification/rules/{id}/preview").post(qualification::preview_rules))
        .service(
            resource("/api/leads/{id}")
                .get(manage::get_lead)
                .put(manage::replace_lead)
                .patch(manage::update_lead)
                .delete(manage::delete_lead),
        )
        .service(resource("/api/leads/{id}/duplicates").get(duplicates::list_lead_duplicates))
        .service(resource("/api/leads/{id}/merge").post(duplicates::merge_lead))
        .service(resource("/api/leads/{id}/unmerge").post(duplicates::unmerge_lead))
        .service(resource("/api/leads/{id}/score").post(scoring::score_lead))
        .service(resource("/api/leads/{id}/score/entries").get(manage::score_entries))
        .service(resource("/api/leads/{id}/qualification").get(qualification::get_qualification))
        .service(resource("/api/leads/{id}/qualify").post(qualification::qualify_lead))
        .service(resource("/api/leads/{id}/stage").post(qualification::set_stage))
        .service(resource("/api/leads/{id}/convert").post(qualification::convert_lead))
        .service(resource("/api/leads/{id}/notes").post(qualification::add_note))
        .service(resource("/api/leads/{id}/timeline").get(manage::timeline))
        .service(resource("/api/leads/{id}/prediction").get(prediction::get_lead_prediction));
}
