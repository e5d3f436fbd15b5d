//! Forms: the public side that visitors see, and the side of their owner.

mod asked;
mod assets;
mod body;
mod confirm;
mod embedded;
mod hosted;
mod manage;
mod quarantine;
mod query;
mod sent;
mod trial;
mod visits;
mod webhook;

use actix_web::web::{ServiceConfig, resource};

#[derive(utoipa::OpenApi)]
#[openapi(paths(
    manage::create_form,
    manage::list_forms,
    manage::get_form,
    manage::replace_form,
    manage::update_form,
    manage::delete_form,
    manage::list_submissions,
    webhook::capture_lead,
    hosted::show_form,
    trial::test_form,
    quarantine::release_submission,
    quarantine::reject_submission,
    confirm::show_confirmation,
    confirm::confirm_opt_in,
    embedded::show_embedded_form,
    assets::get_embed_script,
    assets::get_captcha_script,
    visits::get_form_challenge,
    visits::record_form_event,
    visits::keep_partial,
    visits::list_partials,
    visits::get_form_analytics,
))]
pub(crate) struct Docs;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(
            resource("/api/lead-capture/forms")
                .get(manage::list_forms)
                .post(manage::create_form),
        )
        .service(
            resource("/api/lead-capture/forms/{id}")
                .get(manage::get_form)
                .put(manage::replace_form)
                .patch(manage::update_form)
                .delete(manage::delete_form),
        )
        .service(resource("/api/lead-capture/forms/{id}/submissions").get(manage::list_submissions))
        .service(resource("/api/lead-capture/webhook/{form_id}").post(webhook::capture_lead))
        .service(resource("/api/lead-capture/forms/{id}/test").post(trial::test_form))
        .service(resource("/api/lead-capture/submissions/{id}/release").post(quarantine::release_submission))
        .service(resource("/api/lead-capture/submissions/{id}/reject").post(quarantine::reject_submission))
        .service(
            resource("/f/confirm/{token}")
                .get(confirm::show_confirmation)
                .post(confirm::confirm_opt_in),
        )
        .service(resource("/api/lead-capture/forms/{id}/challenge").get(visits::get_form_challenge))
        .service(resource("/api/lead-capture/forms/{id}/partials").get(visits::list_partials))
        .service(resource("/api/lead-capture/forms/{id}/analytics").get(visits::get_form_analytics))
        .service(resource("/api/lead-capture/events/{form_id}").post(visits::record_form_event))
        .service(resource("/api/lead-capture/partial/{form_id}").post(visits::keep_partial))
        .service(resource("/f/{form_id}").get(hosted::show_form))
        .service(resource("/f/{form_id}/embed").get(embedded::show_embedded_form))
        .service(resource("/embed.js").get(assets::get_embed_script))
        .service(resource("/captcha.js").get(assets::get_captcha_script));
}
