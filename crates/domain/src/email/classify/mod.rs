//! Who opened a mail or clicked in it: a person, or one of the programs that fetch what is in mails.
//!
//! Everything that comes in is kept as it came, and judged by pure functions: [`judge`] sees all that is known of one mail, as some things
//! only show in hindsight (a scanner follows every link within seconds, or the one that no person can see). So the same events
//! can be judged again whenever the rules get better. The verdict decides what counts:
//!
//! | verdict | what it was | counts as a person's |
//! |---|---|---|
//! | `human` | somebody's mail program or browser | yes |
//! | `proxy` | a mail provider, at the moment when somebody opened the mail (Gmail, Yahoo) | yes |
//! | `prefetch` | a mail provider, whether anybody opened it or not (Apple's Mail Privacy Protection) | no |
//! | `scanner` | a program that looks for malware, a crawler, a preview | no |
//! | `unknown` | nothing speaks for a person | no |
//!
//! To add a rule: a word in `verdict.rs` for what it goes by, and a line in `judge.rs`. To add a network: a line in `data/mail_networks.tsv`.

mod judge;
mod network;
mod seen;
#[cfg(test)]
mod tests;
mod verdict;
mod work;

pub use judge::judge;
pub use network::{Network, NetworkKind};
pub use seen::{Method, Seen};
pub use verdict::{Evidence, Judgement, Verdict};
pub use work::ReclassifyEvents;
