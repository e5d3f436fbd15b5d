//! Templates, suppressed addresses, the ledger of mails and the outbox.

mod bounces;
mod events;
mod forget;
mod halt;
mod insert;
mod messages;
mod metrics;
mod outbox;
mod partials;
mod rows;
mod settle;
mod suppressions;
mod templates;
mod versions;

pub(crate) use forget::{forget_campaign, forget_lead};
