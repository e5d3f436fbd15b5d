//! Campaigns: planning them, their life, and their numbers.

mod lifecycle;
mod manage;
mod numbers;
mod plan;
mod query;

use actix_web::web::{ServiceConfig, resource};

#[derive(utoipa::OpenApi)]
#[openapi(paths(
    manage::create_campaign,
    manage::create_campaigns,
    manage::list_campaigns,
    manage::get_campaign,
    manage::replace_campaign,
    manage::update_campaign,
    manage::delete_campaign,
    lifecycle::launch_campaign,
    lifecycle::start_campaign,
    lifecycle::schedule_campaign,
    lifecycle::pause_campaign,
    lifecycle::resume_campaign,
    lifecycle::complete_campaign,
    lifecycle::cancel_campaign,
    numbers::get_campaign_metrics,
    numbers::list_campaign_recipients,
    numbers::get_campaign_stats,
    plan::forecast_campaign,
    plan::create_campaign_ab_test,
    plan::list_campaign_ab_tests,
    plan::decide_campaign_ab_test,
    plan::resend_campaign,
    plan::get_campaign_timeline,
))]
pub(crate) struct Docs;

/// Words come before ids: the first match wins.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(
            resource("/api/campaigns")
                .get(manage::list_campaigns)
                .post(manage::create_campaign),
        )
        .service(resource("/api/campaigns/bulk/create").post(manage::create_campaigns))
        .service(resource("/api/campaigns/stats/summary").get(numbers::get_campaign_stats))
        .service(
            resource("/api/campaigns/{id}")
                .get(manage::get_campaign)
                .put(manage::replace_campaign)
                .patch(manage::update_campaign)
                .delete(manage::delete_campaign),
        )
        .service(resource("/api/campaigns/{id}/launch").post(lifecycle::launch_campaign))
        .service(resource("/api/campaigns/{id}/start").post(lifecycle::start_campaign))
        .service(resource("/api/campaigns/{id}/schedule").post(lifecycle::schedule_campaign))
        .service(resource("/api/campaigns/{id}/pause").post(lifecycle::pause_campaign))
        .service(resource("/api/campaigns/{id}/resume").post(lifecycle::resume_campaign))
        .service(resource("/api/campaigns/{id}/complete").post(lifecycle::complete_campaign))
        .service(resource("/api/campaigns/{id}/cancel").post(lifecycle::cancel_campaign))
        .service(resource("/api/campaigns/{id}/forecast").post(plan::forecast_campaign))
        .service(
            resource("/api/campaigns/{id}/ab-tests")
                .get(plan::list_campaign_ab_tests)
                .post(plan::create_campaign_ab_test),
        )
        .service(resource("/api/campaigns/{id}/ab-tests/decide").post(plan::decide_campaign_ab_test))
        .service(resource("/api/campaigns/{id}/resend").post(plan::resend_campaign))
        .service(resource("/api/campaigns/{id}/timeline").get(plan::get_campaign_timeline))
        .service(resource("/api/campaigns/{id}/metrics").get(numbers::get_campaign_metrics))
        .service(resource("/api/campaigns/{id}/recipients").get(numbers::list_campaign_recipients));
}
