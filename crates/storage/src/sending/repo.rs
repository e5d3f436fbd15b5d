//! The port of sending.

use super::{domains, receivers, throttles};
use crate::entity::email_domains;
use crate::one::one;
use crate::session::Session;
use async_trait::async_trait;
use chrono::NaiveDate;
use groundswell_domain::email::{DomainDay, SendingDomain, SendingDomainSort, SendingRepo, Throttle};
use groundswell_domain::{Page, PageRequest, SendingDomainId, StoreError};
use sea_orm::{ConnectionTrait, EntityTrait};
use std::collections::BTreeMap;

#[async_trait]
impl<C: ConnectionTrait + Send> SendingRepo for Session<C> {
    async fn insert_domain(&self, domain: &SendingDomain) -> Result<(), StoreError> {
        domains::insert(&self.conn, self.organization, domain).await
    }

    async fn domain(&self, id: SendingDomainId) -> Result<Option<SendingDomain>, StoreError> {
        let select = email_domains::Entity::find_by_id((self.organization, id.0));
        one(&self.conn, select).await?.map(domains::domain).transpose()
    }

    async fn list_domains(
        &self,
        page: &PageRequest<SendingDomainSort>,
    ) -> Result<Page<SendingDomain>, StoreError> {
        domains::list(&self.conn, self.organization, page).await
    }

    async fn count_domains(&self) -> Result<u64, StoreError> {
        domains::count(&self.conn, self.organization).await
    }

    async fn verified_domains(&self, limit: u32) -> Result<Vec<SendingDomain>, StoreError> {
        domains::verified(&self.conn, self.organization, limit).await
    }

    async fn update_domain(&self, domain: &SendingDomain, expected: i32) -> Result<bool, StoreError> {
        domains::update(&self.conn, self.organization, domain, expected).await
    }

    async fn delete_domain(&self, id: SendingDomainId) -> Result<bool, StoreError> {
        domains::delete(&self.conn, self.organization, id).await
    }

    async fn open_day(&self, domain: SendingDomainId, day: NaiveDate) -> Result<DomainDay, StoreError> {
        domains::open_day(&self.conn, self.organization, domain, day).await
    }

    async fn count_day(&self, domain: SendingDomainId, day: NaiveDate, mails: u32) -> Result<(), StoreError> {
        domains::count_day(&self.conn, self.organization, domain, day, mails).await
    }

    async fn uncount_day(
        &self,
        domain: SendingDomainId,
        day: NaiveDate,
        mails: u32,
    ) -> Result<(), StoreError> {
        domains::uncount_day(&self.conn, self.organization, domain, day, mails).await
    }

    async fn throttles(&self, providers: &[String]) -> Result<Vec<Throttle>, StoreError> {
        throttles::find(&self.conn, self.organization, providers).await
    }

    async fn keep_throttle(&self, throttle: &Throttle) -> Result<(), StoreError> {
        throttles::keep(&self.conn, self.organization, throttle).await
    }

    async fn count_receivers(&self, day: NaiveDate, sent: &BTreeMap<String, u32>) -> Result<(), StoreError> {
        receivers::count(&self.conn, self.organization, day, sent).await
    }

    async fn sent_to(&self, provider: &str, since: NaiveDate) -> Result<u64, StoreError> {
        receivers::sent_to(&self.conn, self.organization, provider, since).await
    }

    async fn forget_throttle(&self, provider: &str) -> Result<(), StoreError> {
        throttles::forget(&self.conn, self.organization, provider).await
    }
}
