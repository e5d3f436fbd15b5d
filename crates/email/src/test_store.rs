//! A store for tests: it has an outbox, turns at servers, and nothing else.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::email::{Outbox, OutboxMail, Pace, SendingDirectory, Turn};
use groundswell_domain::forms::FormDirectory;
use groundswell_domain::identity::IdentityDirectory;
use groundswell_domain::jobs::JobQueue;
use groundswell_domain::platform::Clock;
use groundswell_domain::privacy::RetentionDirectory;
use groundswell_domain::secrets::KeyDirectory;
use groundswell_domain::{MessageId, OrganizationId, SendingDomainId, StoreError, SystemStore};
use std::collections::HashMap;
use std::sync::Mutex;

#[derive(Default)]
pub struct Kept {
    mails: Mutex<Vec<OutboxMail>>,
    turns: Mutex<HashMap<String, u32>>,
    most: u32,
}

impl Kept {
    /// Each server has so many turns, and none more.
    pub fn with_turns(most: u32) -> Self {
        Self {
            most,
            ..Self::default()
        }
    }
}

#[async_trait]
impl SendingDirectory for Kept {
    async fn take_turn(&self, server: &str, pace: &Pace, now: DateTime<Utc>) -> Result<Turn, StoreError> {
        let mut turns = self.turns.lock().unwrap();
        let taken = turns.entry(server.to_owned()).or_default();
        if *taken >= self.most {
            return Ok(Turn::NotBefore(now + pace.interval));
        }
        *taken += 1;
        Ok(Turn::At(now))
    }
    async fn owner_of(&self, _: MessageId) -> Result<Option<OrganizationId>, StoreError> {
        unreachable!()
    }
    async fn forget_bounces(&self, _: DateTime<Utc>, _: u32) -> Result<u64, StoreError> {
        unreachable!()
    }
    async fn due_domains(
        &self,
        _: DateTime<Utc>,
        _: u32,
    ) -> Result<Vec<(OrganizationId, SendingDomainId)>, StoreError> {
        unreachable!()
    }
    async fn with_domains(
        &self,
        _: Option<OrganizationId>,
        _: u32,
    ) -> Result<Vec<OrganizationId>, StoreError> {
        unreachable!()
    }
}

#[async_trait]
impl Outbox for Kept {
    async fn put(&self, mail: &OutboxMail) -> Result<(), StoreError> {
        self.mails.lock().unwrap().push(mail.clone());
        Ok(())
    }
    async fn latest(&self, _: Option<MessageId>, _: u32) -> Result<Vec<OutboxMail>, StoreError> {
        Ok(self.mails.lock().unwrap().clone())
    }
    async fn mail(&self, _: MessageId) -> Result<Option<OutboxMail>, StoreError> {
        unreachable!()
    }
}

#[async_trait]
impl SystemStore for Kept {
    fn forms(&self) -> &dyn FormDirectory {
        unreachable!()
    }
    fn identity(&self) -> &dyn IdentityDirectory {
        unreachable!()
    }
    fn jobs(&self) -> &dyn JobQueue {
        unreachable!()
    }
    fn keys(&self) -> &dyn KeyDirectory {
        unreachable!()
    }
    fn leads(&self) -> &dyn groundswell_domain::leads::LeadDirectory {
        unreachable!()
    }
    fn organizations(&self) -> &dyn groundswell_domain::identity::OrganizationDirectory {
        unreachable!()
    }
    fn outbox(&self) -> &dyn Outbox {
        self
    }
    fn retention(&self) -> &dyn RetentionDirectory {
        unreachable!()
    }
    fn schedules(&self) -> &dyn groundswell_domain::schedules::ScheduleDirectory {
        unreachable!()
    }
    fn scoring(&self) -> &dyn groundswell_domain::scoring::ScoringDirectory {
        unreachable!()
    }
    fn sending(&self) -> &dyn SendingDirectory {
        self
    }
    fn sequences(&self) -> &dyn groundswell_domain::sequences::SequenceDirectory {
        unreachable!()
    }
    fn sending_switch(&self) -> &dyn groundswell_domain::email::SendingSwitch {
        unreachable!()
    }
    fn visits(&self) -> &dyn groundswell_domain::email::VisitInbox {
        unreachable!()
    }
    async fn ping(&self) -> Result<(), StoreError> {
        unreachable!()
    }
    async fn describe(&self) -> Result<String, StoreError> {
        unreachable!()
    }
    async fn isolation(&self) -> Result<groundswell_domain::Isolation, StoreError> {
        unreachable!()
    }
    async fn pending_migrations(&self) -> Result<Vec<String>, StoreError> {
        unreachable!()
    }
    async fn forget_expired(&self, _: DateTime<Utc>) -> Result<u64, StoreError> {
        unreachable!()
    }
    async fn forget_audit(&self, _: DateTime<Utc>, _: u32) -> Result<u64, StoreError> {
        unreachable!()
    }
    async fn database_time(&self) -> Result<DateTime<Utc>, StoreError> {
        unreachable!()
    }
}

pub struct Noon;
impl Clock for Noon {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }
}
