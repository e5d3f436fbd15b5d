//! Mail: addresses, templates, the ledger of everything sent, and who does not want any.

mod address;
mod diff;
mod event;
mod flags;
mod free_mail;
mod host;
mod lint;
mod match_key;
mod message;
mod outgoing;
mod partial;
mod ports;
mod starters;
mod suppression;
mod template;
mod verification;
mod version;

pub use address::EmailAddress;
pub use diff::{DiffHunk, DiffLine, LineChange, PartDiff, TemplateDiff};
pub use event::{EmailEvent, EmailEventKind, EventEffect};
pub use flags::{AddressFlag, flags};
pub use free_mail::is_free_mail;
pub use lint::{CLIPPED_AT, Finding, LintReport, LintRule, Severity};
pub use match_key::match_key;
pub use message::*;
pub use outgoing::{AutoSubmitted, OutgoingMail, RenderedMail, SendError};
pub use partial::{MAX_INCLUDE_DEPTH, MAX_PARTIAL, Partial, PartialSort, TemplatePartial, is_partial_name};
pub use ports::*;
pub use starters::{Starter, starters};
pub use suppression::{Suppression, SuppressionReason, SuppressionSort};
pub use template::{MAX_HTML, Template, TemplateFormat, TemplateSort, TemplateSource};
pub use verification::*;
pub use version::{KEPT_DRAFTS, SaveAs, TemplateStatus, TemplateVersion, VersionInfo, VersionSort};
