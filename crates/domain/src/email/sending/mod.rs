//! How mail leaves so that it is taken: whose domain it comes from, what the DNS must say for that, how fast a young domain may
//! send, and what is done when receivers push back.
//!
//! Everything here is pure. The use-cases ask the DNS through [`DnsRecords`] and keep what several processes must agree on through
//! [`SendingRepo`] and [`SendingDirectory`].

mod check;
mod dkim_record;
mod dmarc;
mod domain;
mod from;
mod identity;
mod ports;
mod provider;
mod records;
mod spf;
mod throttle;
mod warmup;
mod work;

pub use check::{Check, CheckOutcome, DomainChecks};
pub use dkim_record::check_dkim;
pub use dmarc::{Dmarc, check_dmarc, dmarc_names};
pub use domain::{DkimKey, SendingDomain, SendingDomainSort, registrable, sending_name, service_of};
pub use from::MailFrom;
pub use identity::Identity;
pub use ports::{DnsRecords, DomainDay, NoRecords, Pace, SendingDirectory, SendingRepo, Turn};
pub use provider::{ALIASES, is_shared, provider_of};
pub use records::{DnsRecord, RecordPurpose, records};
pub use spf::{MOST_LOOKUPS, Spf, SpfTerm};
pub use throttle::{Share, Throttle, ThrottleRules, pushback};
pub use warmup::{WarmupPlan, admit};
pub use work::{CheckDomain, next_look};
