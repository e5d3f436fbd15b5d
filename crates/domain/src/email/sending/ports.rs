//! What sending needs from the outside.

use super::{SendingDomain, SendingDomainSort, Throttle};
use crate::error::StoreError;
use crate::ids::{MessageId, OrganizationId, SendingDomainId};
use crate::paging::{Page, PageRequest};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use std::collections::BTreeMap;

/// The DNS, as it is now: whoever has just set a record wants to see it. An error says why nobody answered.
#[async_trait]
pub trait DnsRecords: Send + Sync {
    /// The TXT records of a name (in ASCII), each with its pieces put together; none when there are none.
    async fn txt(&self, name: &str) -> Result<Vec<String>, String>;
    /// Mail exchangers with their preference, best first. The name is empty for one that refuses all mail (RFC 7505).
    async fn mx(&self, name: &str) -> Result<Vec<(u16, String)>, String>;
}

/// Asks nobody: for installations without a DNS, or which may not use it.
pub struct NoRecords;

#[async_trait]
impl DnsRecords for NoRecords {
    async fn txt(&self, _name: &str) -> Result<Vec<String>, String> {
        Err("this installation asks no name server (dns.enabled)".into())
    }
    async fn mx(&self, name: &str) -> Result<Vec<(u16, String)>, String> {
        self.txt(name).await.map(|_| Vec::new())
    }
}

/// What a domain sent on a day, and on how many days before it sent anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DomainDay {
    pub days_before: u32,
    pub sent: u32,
}

/// How fast a server takes mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// One mail each.
    pub interval: TimeDelta,
    /// Mails of so long a time may go at once.
    pub burst: TimeDelta,
    /// How long a caller would wait.
    pub patience: TimeDelta,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It is the caller's, at this moment.
    At(DateTime<Utc>),
    /// Nobody's yet: ask again then.
    NotBefore(DateTime<Utc>),
}

/// Sending domains of an organization, and what its receivers put up with.
#[async_trait]
pub trait SendingRepo: Send + Sync {
    /// A second one of the same name is [`StoreError::Duplicate`].
    async fn insert_domain(&self, domain: &SendingDomain) -> Result<(), StoreError>;
    async fn domain(&self, id: SendingDomainId) -> Result<Option<SendingDomain>, StoreError>;
    async fn list_domains(
        &self,
        page: &PageRequest<SendingDomainSort>,
    ) -> Result<Page<SendingDomain>, StoreError>;
    /// How many there are.
    async fn count_domains(&self) -> Result<u64, StoreError>;
    /// Those that mail may be sent from, by name; at most `limit`.
    async fn verified_domains(&self, limit: u32) -> Result<Vec<SendingDomain>, StoreError>;
    /// False when the row is not at `expected` version.
    async fn update_domain(&self, domain: &SendingDomain, expected: i32) -> Result<bool, StoreError>;
    async fn delete_domain(&self, id: SendingDomainId) -> Result<bool, StoreError>;

    /// What a domain sent on a day, locked until the transaction ends.
    async fn open_day(&self, domain: SendingDomainId, day: NaiveDate) -> Result<DomainDay, StoreError>;
    /// Adds to what it sent on a day that was opened.
    async fn count_day(&self, domain: SendingDomainId, day: NaiveDate, mails: u32) -> Result<(), StoreError>;
    /// Takes mails off again that were counted and have not left.
    async fn uncount_day(
        &self,
        domain: SendingDomainId,
        day: NaiveDate,
        mails: u32,
    ) -> Result<(), StoreError>;

    /// Those of these receivers that pushed back, in order of their names, locked until the transaction ends.
    async fn throttles(&self, providers: &[String]) -> Result<Vec<Throttle>, StoreError>;
    /// Keeps what is known of a receiver, in place of what was known before.
    async fn keep_throttle(&self, throttle: &Throttle) -> Result<(), StoreError>;
    /// Adds mails that were sent on a day, by receiver.
    async fn count_receivers(&self, day: NaiveDate, sent: &BTreeMap<String, u32>) -> Result<(), StoreError>;
    /// How many mails went to a receiver from a day on.
    async fn sent_to(&self, provider: &str, since: NaiveDate) -> Result<u64, StoreError>;
    /// Forgets a receiver.
    async fn forget_throttle(&self, provider: &str) -> Result<(), StoreError>;
}

/// What all organizations share: the servers that mail leaves by.
#[async_trait]
pub trait SendingDirectory: Send + Sync {
    /// Takes a turn at a server, if there is one within `pace.patience`. All processes that use the same database share the turns.
    async fn take_turn(&self, server: &str, pace: &Pace, now: DateTime<Utc>) -> Result<Turn, StoreError>;
    /// Whose ledger has this mail.
    async fn owner_of(&self, message: MessageId) -> Result<Option<OrganizationId>, StoreError>;
    /// Deletes up to `limit` of what is kept of mails that came back before this moment, the oldest first, of every organization. Answers how many.
    async fn forget_bounces(&self, before: DateTime<Utc>, limit: u32) -> Result<u64, StoreError>;
    /// Up to `limit` domains that are to be looked at by now, those that wait longest first.
    async fn due_domains(
        &self,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<(OrganizationId, SendingDomainId)>, StoreError>;
    /// Up to `limit` organizations after `after` (by id) that have sending domains.
    async fn with_domains(
        &self,
        after: Option<OrganizationId>,
        limit: u32,
    ) -> Result<Vec<OrganizationId>, StoreError>;
}
