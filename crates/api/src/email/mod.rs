//! Mail: sending, templates, the ledger, suppressions, and the public links of mails.

mod bounces;
mod domains;
mod events;
mod mailbox;
mod messages;
mod metrics;
mod partials;
mod preview;
mod query;
mod starters;
mod suppressions;
mod templates;
mod topics;
mod tracking;
mod versions;
mod webhooks;

use actix_web::web::{ServiceConfig, head, resource};

#[derive(utoipa::OpenApi)]
#[openapi(paths(
    messages::send_email,
    messages::list_messages,
    messages::get_message,
    templates::create_template,
    templates::list_templates,
    templates::get_template,
    templates::replace_template,
    templates::update_template,
    templates::delete_template,
    domains::check_email_domain,
    domains::create_email_domain,
    domains::delete_email_domain,
    domains::get_email_domain,
    domains::list_email_domains,
    domains::update_email_domain,
    partials::create_partial,
    partials::delete_partial,
    partials::get_partial,
    partials::list_partials,
    partials::replace_partial,
    topics::create_topic,
    topics::delete_topic,
    topics::get_topic,
    topics::list_topic_leaves,
    topics::list_topics,
    topics::update_topic,
    preview::lint_template,
    preview::preview_template,
    preview::show_preview,
    starters::create_from_starter,
    starters::list_starters,
    versions::diff_template,
    versions::get_template_version,
    versions::list_template_versions,
    versions::publish_template,
    versions::rollback_template,
    suppressions::create_suppression,
    suppressions::list_suppressions,
    suppressions::export_suppressions,
    suppressions::import_suppressions,
    suppressions::get_suppression,
    suppressions::delete_suppression,
    metrics::get_email_metrics,
    metrics::draw_email_metrics,
    bounces::take_bounce,
    webhooks::get_webhook_addresses,
    webhooks::take_email_webhook,
    events::reclassify_events,
    tracking::record_open,
    tracking::record_click,
    tracking::show_unsubscribe,
    tracking::unsubscribe,
))]
pub(crate) struct Docs;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/api/email/send").post(messages::send_email))
        .service(resource("/api/email/messages").get(messages::list_messages))
        .service(resource("/api/email/messages/{id}").get(messages::get_message))
        .service(
            resource("/api/email/templates")
                .get(templates::list_templates)
                .post(templates::create_template),
        )
        .service(
            resource("/api/email/templates/{id}")
                .get(templates::get_template)
                .put(templates::replace_template)
                .patch(templates::update_template)
                .delete(templates::delete_template),
        )
        .service(resource("/api/email/templates/{id}/versions").get(versions::list_template_versions))
        .service(resource("/api/email/templates/{id}/version").get(versions::get_template_version))
        .service(resource("/api/email/templates/{id}/diff").get(versions::diff_template))
        .service(resource("/api/email/templates/{id}/publish").post(versions::publish_template))
        .service(resource("/api/email/templates/{id}/rollback").post(versions::rollback_template))
        .service(resource("/api/email/templates/{id}/preview").post(preview::preview_template))
        .service(resource("/api/email/templates/{id}/lint").post(preview::lint_template))
        .service(resource("/preview/mail/{token}").get(preview::show_preview))
        .service(
            resource("/api/email/starters")
                .get(starters::list_starters)
                .post(starters::create_from_starter),
        )
        .service(
            resource("/api/email/partials")
                .get(partials::list_partials)
                .post(partials::create_partial),
        )
        .service(
            resource("/api/email/partials/{id}")
                .get(partials::get_partial)
                .put(partials::replace_partial)
                .delete(partials::delete_partial),
        )
        .service(
            resource("/api/email/topics")
                .get(topics::list_topics)
                .post(topics::create_topic),
        )
        .service(
            resource("/api/email/topics/{id}")
                .get(topics::get_topic)
                .patch(topics::update_topic)
                .delete(topics::delete_topic),
        )
        .service(resource("/api/email/topics/{id}/leaves").get(topics::list_topic_leaves))
        .service(
            resource("/api/email/suppressions")
                .get(suppressions::list_suppressions)
                .post(suppressions::create_suppression),
        )
        .service(resource("/api/email/suppressions/export").get(suppressions::export_suppressions))
        .service(resource("/api/email/suppressions/import").post(suppressions::import_suppressions))
        .service(
            resource("/api/email/suppressions/{id}")
                .get(suppressions::get_suppression)
                .delete(suppressions::delete_suppression),
        )
        .service(resource("/api/email/metrics").get(metrics::get_email_metrics))
        .service(resource("/api/email/metrics.svg").get(metrics::draw_email_metrics))
        .service(resource("/api/email/webhooks").get(webhooks::get_webhook_addresses))
        .service(resource("/api/email/webhooks/{provider}").post(webhooks::take_email_webhook))
        .service(resource("/api/email/bounces").post(bounces::take_bounce))
        .service(resource("/api/email/events/reclassify").post(events::reclassify_events))
        .service(
            resource("/api/email/domains")
                .get(domains::list_email_domains)
                .post(domains::create_email_domain),
        )
        .service(
            resource("/api/email/domains/{id}")
                .get(domains::get_email_domain)
                .patch(domains::update_email_domain)
                .delete(domains::delete_email_domain),
        )
        .service(resource("/api/email/domains/{id}/check").post(domains::check_email_domain))
        .service(
            resource("/t/o/{token}")
                .get(tracking::record_open)
                .route(head().to(tracking::record_open)),
        )
        .service(resource("/t/c/{token}").get(tracking::record_click))
        .service(
            resource("/u/{token}")
                .get(tracking::show_unsubscribe)
                .post(tracking::unsubscribe),
        )
        .service(resource("/dev/mailbox").get(mailbox::mailbox))
        .service(resource("/dev/mailbox/{id}").get(mailbox::mail));
}
