//! Mail: sending, templates, the ledger, suppressions, and the public links of mails.

mod bounces;
mod domains;
mod events;
mod mailbox;
mod messages;
mod metrics;
mod query;
mod suppressions;
mod templates;
mod tracking;
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
    domains::create_email_domain,
    domains::list_email_domains,
    domains::get_email_domain,
    domains::update_email_domain,
    domains::delete_email_domain,
    domains::check_email_domain,
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
