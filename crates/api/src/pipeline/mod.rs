//! What becomes of leads, in numbers.

mod query;
mod reports;

use actix_web::web::{ServiceConfig, resource};

#[derive(utoipa::OpenApi)]
#[openapi(paths(
    reports::get_lead_funnel,
    reports::list_lead_conversion,
    reports::list_time_to_convert,
    reports::get_lead_cohorts,
    reports::get_lead_outcomes,
    reports::get_lead_velocity,
    reports::list_counted_leads,
))]
pub(crate) struct Docs;

/// Before the leads: the first match wins.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/api/leads/analytics/funnel").get(reports::get_lead_funnel))
        .service(resource("/api/leads/analytics/conversion").get(reports::list_lead_conversion))
        .service(resource("/api/leads/analytics/time-to-convert").get(reports::list_time_to_convert))
        .service(resource("/api/leads/analytics/cohorts").get(reports::get_lead_cohorts))
        .service(resource("/api/leads/analytics/outcomes").get(reports::get_lead_outcomes))
        .service(resource("/api/leads/analytics/velocity").get(reports::get_lead_velocity))
        .service(resource("/api/leads/analytics/leads").get(reports::list_counted_leads));
}
