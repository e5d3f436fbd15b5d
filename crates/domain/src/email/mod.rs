//! Mail: addresses, templates, the ledger of everything sent, and who does not want any.

mod address;
mod event;
mod flags;
mod free_mail;
mod host;
mod mailing;
mod match_key;
mod message;
mod outgoing;
mod ports;
mod suppression;
mod template;
mod verification;

pub use address::EmailAddress;
pub use event::{EmailEvent, EmailEventKind, EventEffect};
pub use flags::{AddressFlag, flags};
pub use free_mail::is_free_mail;
pub use mailing::Mailing;
pub use match_key::match_key;
pub use message::*;
pub use outgoing::{AutoSubmitted, OutgoingMail, RenderedMail, SendError};
pub use ports::*;
pub use suppression::{Suppression, SuppressionReason, SuppressionSort};
pub use template::{MAX_HTML, Template, TemplateSort, TemplateSource};
pub use verification::*;
