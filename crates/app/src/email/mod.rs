//! Mail: single mails, templates, what comes back, and the one way in which anything is handed to a server.

mod commands;
mod delivery;
mod left_out;
mod link_check;
mod links;
mod manage;
mod outbox;
mod partials;
mod preview;
mod send;
mod shared;
mod starters;
mod suppressed;
mod templates;
mod tracking;
mod versions;

pub use commands::{
    EmailQueued, LintTemplate, NewSuppression, PartialInput, PreviewTemplate, PublishTemplate,
    RollbackTemplate, SendEmail, StarterInput, TemplateInput, TemplatePatch, UnsubscribeInfo,
};
pub(crate) use delivery::{Batch, complete_if_settled, count, hand_over, lease_end, settle, sweep};
pub(crate) use left_out::LeftOut;
pub(crate) use links::{TrackedLinks, merge_fields};
pub use manage::{
    create_suppression, delete_suppression, get_message, get_suppression, list_messages, list_suppressions,
};
pub use outbox::{outbox_list, outbox_mail};
pub use partials::{create_partial, delete_partial, get_partial, list_partials, replace_partial};
pub use preview::{Preview, PreviewPage, lint_template, preview_page, preview_template};
pub use send::{deliver_message, send_email};
pub(crate) use shared::{Live, live, unpublished, with_shared};
pub use starters::{create_from_starter, list_starters};
pub(crate) use suppressed::{erased, suppressed};
pub use templates::{
    create_template, delete_template, get_template, list_templates, patch_template, replace_template,
};
pub use tracking::{look_at_click, record_click, record_open, unsubscribe, unsubscribe_info};
pub use versions::{
    diff_template, get_template_version, list_template_versions, publish_template, rollback_template,
};
