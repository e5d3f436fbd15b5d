//! Mail: single mails, templates, what comes back, and the one way in which anything is handed to a server.

mod admission;
mod bounce_retention;
mod bounces;
mod commands;
mod delivery;
mod domains;
mod doubts;
mod frequency;
mod halt;
mod left_out;
mod link_check;
mod links;
mod manage;
mod metrics;
mod outbox;
mod partials;
mod preferences;
mod preview;
mod reclassify;
mod send;
mod sender;
mod shared;
mod starters;
mod suppressed;
mod suppression_files;
mod templates;
pub(crate) mod topics;
mod tracking;
mod verdicts;
mod versions;
mod visits;
mod webhooks;

pub use admission::note_complaint;
pub use bounce_retention::forget_bounces;
pub use bounces::{TakenBounce, take_bounce, take_returned};
pub use commands::{
    EmailQueued, LintTemplate, NewSuppression, PartialInput, PreviewTemplate, PublishTemplate,
    RollbackTemplate, SendEmail, StarterInput, TemplateInput, TemplatePatch, TopicChoice, UnsubscribeInfo,
};
pub(crate) use delivery::{Batch, complete_if_settled, count, hand_over, lease_end, settle, sweep};
pub use domains::{
    DomainPatch, DomainReport, DomainView, NewDomain, check_again, check_domain, create_domain,
    delete_domain, get_domain, list_domains, look_at_all, schedule_checks, update_domain,
};
pub use doubts::settle_doubts;
pub(crate) use frequency::{FREQUENCY_CAP, Frequency, Room};
pub use halt::{Queued, hold_sending, resume_sending, sending_halt, stop_sending, watch_ledger};
pub(crate) use left_out::LeftOut;
pub(crate) use links::{TrackedLinks, merge_fields};
pub use manage::{
    create_suppression, delete_suppression, get_message, get_suppression, list_messages, list_suppressions,
};
pub use metrics::{MetricsQuery, metrics};
pub use outbox::{outbox_list, outbox_mail};
pub use partials::{create_partial, delete_partial, get_partial, list_partials, replace_partial};
pub use preferences::{Choice, unsubscribe, unsubscribe_info};
pub use preview::{Preview, PreviewPage, lint_template, preview_page, preview_template};
pub use reclassify::{Reclassifying, reclassify, reclassify_events};
pub use send::{deliver_message, send_email};
pub(crate) use sender::Senders;
pub(crate) use shared::{live_source, with_shared};
pub use starters::{create_from_starter, list_starters};
pub(crate) use suppressed::{erased, suppressed};
pub use suppression_files::{BadLine, ImportedSuppressions, export_suppressions, import_suppressions};
pub use templates::{
    create_template, delete_template, get_template, list_templates, patch_template, replace_template,
};
pub use topics::{
    NewTopic, TopicPatch, create_topic, delete_topic, get_topic, list_topic_leaves, list_topics, update_topic,
};
pub use tracking::{Visit, record_click, record_open};
pub use versions::{
    diff_template, get_template_version, list_template_versions, publish_template, rollback_template,
};
pub use visits::{schedule_visits, take_visits};
pub use webhooks::{WebhookAddresses, take_webhook, webhook_addresses};
