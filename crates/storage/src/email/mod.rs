//! Templates, suppressed addresses, the ledger of mails and the outbox.

mod events;
mod forget;
mod held;
mod insert;
mod messages;
mod outbox;
mod postpone;
mod rows;
mod settle;
mod suppressions;
mod templates;
mod touches;

pub(crate) use forget::{forget_campaign, forget_lead};
pub(crate) use touches::marketing;
