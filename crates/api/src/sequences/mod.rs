//! Sequences, and outreach, which is a sequence of its own kind.

mod drafts;
mod enrollments;
mod manage;
mod outreach;
mod query;

use actix_web::web::{ServiceConfig, resource};

#[derive(utoipa::OpenApi)]
#[openapi(paths(
    manage::create_sequence,
    manage::list_sequences,
    manage::get_sequence,
    manage::replace_sequence,
    manage::update_sequence,
    manage::delete_sequence,
    manage::activate_sequence,
    manage::pause_sequence,
    manage::simulate_sequence,
    manage::get_sequence_stats,
    manage::get_sequence_webhook_secret,
    enrollments::enroll_leads,
    enrollments::list_enrollments,
    enrollments::exit_lead,
    enrollments::add_lead_event,
    outreach::create_outreach,
    outreach::get_outreach,
    outreach::approve_outreach,
    drafts::list_drafts,
    drafts::get_draft,
    drafts::update_draft,
    drafts::approve_draft,
    drafts::reject_draft,
))]
pub(crate) struct Docs;

/// Before the leads' own routes: `/api/leads/outreach` is no lead.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(
            resource("/api/email/sequences")
                .get(manage::list_sequences)
                .post(manage::create_sequence),
        )
        .service(
            resource("/api/email/sequences/{id}")
                .get(manage::get_sequence)
                .put(manage::replace_sequence)
                .patch(manage::update_sequence)
                .delete(manage::delete_sequence),
        )
        .service(resource("/api/email/sequences/{id}/activate").post(manage::activate_sequence))
        .service(resource("/api/email/sequences/{id}/pause").post(manage::pause_sequence))
        .service(resource("/api/email/sequences/{id}/simulate").post(manage::simulate_sequence))
        .service(resource("/api/email/sequences/{id}/stats").get(manage::get_sequence_stats))
        .service(
            resource("/api/email/sequences/{id}/webhook-secret").get(manage::get_sequence_webhook_secret),
        )
        .service(resource("/api/email/sequences/{id}/enroll").post(enrollments::enroll_leads))
        .service(resource("/api/email/sequences/{id}/enrollments").get(enrollments::list_enrollments))
        .service(resource("/api/email/sequences/{id}/exit").post(enrollments::exit_lead))
        .service(resource("/api/leads/{id}/events").post(enrollments::add_lead_event))
        .service(resource("/api/leads/outreach").post(outreach::create_outreach))
        .service(
            resource("/api/leads/outreach/drafts/{id}")
                .get(drafts::get_draft)
                .patch(drafts::update_draft),
        )
        .service(resource("/api/leads/outreach/drafts/{id}/approve").post(drafts::approve_draft))
        .service(resource("/api/leads/outreach/drafts/{id}/reject").post(drafts::reject_draft))
        .service(resource("/api/leads/outreach/{id}").get(outreach::get_outreach))
        .service(resource("/api/leads/outreach/{id}/approve").post(outreach::approve_outreach))
        .service(resource("/api/leads/outreach/{id}/drafts").get(drafts::list_drafts));
}
