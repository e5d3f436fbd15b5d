//! What leads agreed to: writing it down, reading it, and whom campaigns leave out because of it.

mod commands;
mod history;
mod manage;
mod withdrawn;

pub use commands::NewConsent;
pub(crate) use history::happened;
pub use manage::{list_consents, record_consent};
pub(crate) use withdrawn::{CONSENT_WITHDRAWN, withdraw, without_consent};
