//! Mail: addresses, templates, the ledger of everything sent, and who does not want any.

mod address;
pub mod bounce;
pub mod classify;
mod diff;
mod dkim;
mod doubt;
mod event;
mod flags;
mod free_mail;
mod halt;
mod host;
mod lint;
mod mailing;
mod match_key;
mod message;
pub mod metrics;
mod outgoing;
mod partial;
mod ports;
mod return_address;
mod sending;
mod starters;
mod suppression;
mod template;
mod topic;
mod verification;
mod version;
mod visits;
pub mod webhooks;

pub use address::EmailAddress;
pub use diff::{DiffHunk, DiffLine, LineChange, PartDiff, TemplateDiff};
pub use dkim::{Dkim, DkimAlgorithm, MailSigner, NewDkimKey};
pub use doubt::{Doubted, Fate, SettleDoubts};
pub use event::{EmailEvent, EmailEventKind, EventContext, EventEffect, EventTrace};
pub use flags::{AddressFlag, flags};
pub use free_mail::is_free_mail;
pub use halt::{Halt, HaltReason, LedgerMark, Mark, SendingSwitch};
pub use lint::{CLIPPED_AT, Finding, LintReport, LintRule, Severity};
pub use mailing::Mailing;
pub use match_key::match_key;
pub use message::*;
pub use outgoing::{AutoSubmitted, OutgoingMail, RenderedMail, SendError};
pub use partial::{MAX_INCLUDE_DEPTH, MAX_PARTIAL, Partial, PartialSort, TemplatePartial, is_partial_name};
pub use ports::*;
pub use return_address::ReturnAddress;
pub use sending::*;
pub use starters::{Starter, starters};
pub use suppression::{Suppression, SuppressionReason, SuppressionSort};
pub use template::{MAX_HTML, Template, TemplateFormat, TemplateSort, TemplateSource};
pub use topic::{
    MOST_TOPICS, TOPIC_LEFT, Topic, TopicFilter, TopicLeave, TopicLeaveSort, TopicSort, TopicUses,
};
pub use verification::*;
pub use version::{KEPT_DRAFTS, SaveAs, TemplateStatus, TemplateVersion, VersionInfo, VersionSort};
pub use visits::{NewVisit, TakeVisits, VisitInbox};
