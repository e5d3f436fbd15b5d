//! Mail: single mails, templates, what comes back, and the one way in which anything is handed to a server.

mod admission;
mod bounces;
mod commands;
mod delivery;
mod domains;
mod halt;
mod left_out;
mod links;
mod manage;
mod metrics;
mod outbox;
mod reclassify;
mod send;
mod sender;
mod suppressed;
mod suppression_files;
mod templates;
mod tracking;
mod verdicts;
mod webhooks;

pub use admission::note_complaint;
pub use bounces::{TakenBounce, take_bounce};
pub use commands::{EmailQueued, NewSuppression, SendEmail, TemplateInput, TemplatePatch, UnsubscribeInfo};
pub(crate) use delivery::{Batch, complete_if_settled, count, hand_over, lease_end, settle, sweep};
pub use domains::{
    DomainPatch, DomainReport, DomainView, NewDomain, check_domain, create_domain, delete_domain, get_domain,
    list_domains, look_at_all, update_domain,
};
pub use halt::{Queued, resume_sending, sending_halt, stop_sending, watch_ledger};
pub(crate) use left_out::LeftOut;
pub(crate) use links::{TrackedLinks, merge_fields};
pub use manage::{
    create_suppression, delete_suppression, get_message, get_suppression, list_messages, list_suppressions,
};
pub use metrics::{MetricsQuery, metrics};
pub use outbox::{outbox_list, outbox_mail};
pub use reclassify::{Reclassifying, reclassify, reclassify_events};
pub use send::{deliver_message, send_email};
pub(crate) use sender::Senders;
pub(crate) use suppressed::{erased, suppressed};
pub use suppression_files::{BadLine, ImportedSuppressions, export_suppressions, import_suppressions};
pub use templates::{
    create_template, delete_template, get_template, list_templates, patch_template, replace_template,
};
pub use tracking::{Visit, record_click, record_open, unsubscribe, unsubscribe_info};
pub use webhooks::{WebhookAddresses, take_webhook, webhook_addresses};
