//! Mail: addresses, templates, the ledger of everything sent, and who does not want any.

mod address;
pub mod bounce;
pub mod classify;
mod dkim;
mod event;
mod flags;
mod free_mail;
mod halt;
mod host;
mod match_key;
mod message;
pub mod metrics;
mod outgoing;
mod ports;
mod sending;
mod suppression;
mod template;
mod verification;
pub mod webhooks;

pub use address::EmailAddress;
pub use dkim::{Dkim, DkimAlgorithm, MailSigner, NewDkimKey};
pub use event::{EmailEvent, EmailEventKind, EventContext, EventEffect, EventTrace};
pub use flags::{AddressFlag, flags};
pub use free_mail::is_free_mail;
pub use halt::{Halt, HaltReason, LedgerMark, Mark, SendingSwitch};
pub use match_key::match_key;
pub use message::*;
pub use outgoing::{AutoSubmitted, OutgoingMail, RenderedMail, SendError};
pub use ports::*;
pub use sending::*;
pub use suppression::{Suppression, SuppressionReason, SuppressionSort};
pub use template::{MAX_HTML, Template, TemplateSort, TemplateSource};
pub use verification::*;
