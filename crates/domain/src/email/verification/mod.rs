//! What is known about an address beyond its syntax. A check says yes, no or unknown, and what is unknown stays unknown:
//! nothing is dropped or refused because of it, it is only told.
//!
//! What can be told from the address alone (`disposable`, `role`, `free_mail`) is known as soon as it is typed; whether its
//! domain takes mail (`mx`) is asked later, by a job.

mod disposable;
mod role;
mod verdict;
mod work;

pub use disposable::is_disposable;
pub use role::is_role;
pub use verdict::{Deliverable, Verdict, Verification};
pub use work::{Checked, Due, VerifyLeads, next_check};

use async_trait::async_trait;

/// The names of mail servers, as the DNS has them.
#[async_trait]
pub trait MailExchangers: Send + Sync {
    /// Whether the domain (in ASCII) says that it takes mail: `yes` with a mail exchanger, or an address that mail goes to
    /// without one (RFC 5321, section 5.1); `no` when it does not exist, has neither, or refuses by a null MX (RFC 7505);
    /// `unknown` when nobody answered. Takes as long as the DNS does: never to be awaited in a transaction.
    async fn takes_mail(&self, domain: &str) -> Verdict;
}
