//! Templates, suppressed addresses, the ledger of mails and the outbox.

mod events;
mod forget;
mod insert;
mod messages;
mod outbox;
mod rows;
mod settle;
mod suppressions;
mod templates;

pub(crate) use forget::{forget_campaign, forget_lead};
pub(crate) use rows::claimed;
