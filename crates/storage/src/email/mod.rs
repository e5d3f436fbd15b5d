//! Templates, suppressed addresses, the ledger of mails and the outbox.

mod bounces;
mod events;
mod forget;
mod halt;
mod held;
mod insert;
mod messages;
mod metrics;
mod outbox;
mod partials;
mod postpone;
mod resolve;
mod rows;
mod settle;
mod suppressions;
mod templates;
mod topics;
mod touches;
mod versions;
mod visits;

pub(crate) use forget::{forget_campaign, forget_lead};
pub(crate) use rows::claimed;
pub(crate) use topics::take_back as take_topics_back;
pub(crate) use touches::marketing;
pub(crate) use visits::anonymize as anonymize_visits;
