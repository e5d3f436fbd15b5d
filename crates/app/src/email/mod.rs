//! Mail: single mails, templates, what comes back, and the one way in which anything is handed to a server.

mod commands;
mod delivery;
mod frequency;
mod left_out;
mod links;
mod manage;
mod outbox;
mod send;
mod suppressed;
mod templates;
mod tracking;

pub use commands::{EmailQueued, NewSuppression, SendEmail, TemplateInput, TemplatePatch, UnsubscribeInfo};
pub(crate) use delivery::{Batch, complete_if_settled, count, hand_over, lease_end, settle, sweep};
pub(crate) use frequency::{FREQUENCY_CAP, Frequency, Room};
pub(crate) use left_out::LeftOut;
pub(crate) use links::{TrackedLinks, merge_fields};
pub use manage::{
    create_suppression, delete_suppression, get_message, get_suppression, list_messages, list_suppressions,
};
pub use outbox::{outbox_list, outbox_mail};
pub use send::{deliver_message, send_email};
pub(crate) use suppressed::{erased, suppressed};
pub use templates::{
    create_template, delete_template, get_template, list_templates, patch_template, replace_template,
};
pub use tracking::{look_at_click, record_click, record_open, unsubscribe, unsubscribe_info};
