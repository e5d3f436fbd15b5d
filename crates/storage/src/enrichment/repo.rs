//! The port of enrichment.

use super::{convert, leads, providers, settings, sites};
use crate::entity::enrichment_providers;
use crate::one::one;
use crate::session::Session;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::enrichment::{
    Enrichment, EnrichmentProvider, EnrichmentRepo, EnrichmentSettings, EnrichmentSource, EnrichmentValue,
    ProviderSort, Site,
};
use groundswell_domain::{EnrichmentProviderId, LeadId, Page, PageRequest, StoreError};
use sea_orm::{ConnectionTrait, EntityTrait};

#[async_trait]
impl<C: ConnectionTrait + Send> EnrichmentRepo for Session<C> {
    async fn values(&self, lead: LeadId) -> Result<Vec<EnrichmentValue>, StoreError> {
        leads::values(&self.conn, self.organization, lead).await
    }

    async fn replace_values(
        &self,
        lead: LeadId,
        source: EnrichmentSource,
        values: &[EnrichmentValue],
    ) -> Result<(), StoreError> {
        leads::replace(&self.conn, self.organization, lead, source, values).await
    }

    async fn enrichment(&self, lead: LeadId) -> Result<Enrichment, StoreError> {
        leads::enrichment(&self.conn, self.organization, lead).await
    }

    async fn keep_enrichment(&self, lead: LeadId, enrichment: &Enrichment) -> Result<(), StoreError> {
        leads::keep(&self.conn, self.organization, lead, enrichment).await
    }

    async fn site(&self, domain: &str) -> Result<Option<Site>, StoreError> {
        sites::site(&self.conn, self.organization, domain).await
    }

    async fn claim_site(
        &self,
        domain: &str,
        since: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        sites::claim(&self.conn, self.organization, domain, since, now, until).await
    }

    async fn keep_site(&self, site: &Site) -> Result<(), StoreError> {
        sites::keep(&self.conn, self.organization, site).await
    }

    async fn insert_provider(&self, provider: &EnrichmentProvider) -> Result<(), StoreError> {
        providers::insert(&self.conn, self.organization, provider).await
    }

    async fn provider(&self, id: EnrichmentProviderId) -> Result<Option<EnrichmentProvider>, StoreError> {
        let select = enrichment_providers::Entity::find_by_id((self.organization, id.0));
        one(&self.conn, select).await?.map(convert::provider).transpose()
    }

    async fn list_providers(
        &self,
        page: &PageRequest<ProviderSort>,
    ) -> Result<Page<EnrichmentProvider>, StoreError> {
        providers::list(&self.conn, self.organization, page).await
    }

    async fn waterfall(&self, limit: u32) -> Result<Vec<EnrichmentProvider>, StoreError> {
        providers::waterfall(&self.conn, self.organization, limit).await
    }

    async fn update_provider(
        &self,
        provider: &EnrichmentProvider,
        expected: i32,
    ) -> Result<bool, StoreError> {
        providers::update(&self.conn, self.organization, provider, expected).await
    }

    async fn delete_provider(&self, id: EnrichmentProviderId) -> Result<bool, StoreError> {
        providers::delete(&self.conn, self.organization, id).await
    }

    async fn take_turn(
        &self,
        provider: &EnrichmentProvider,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        providers::take_turn(&self.conn, self.organization, provider, now).await
    }

    async fn settings(&self) -> Result<Option<EnrichmentSettings>, StoreError> {
        settings::settings(&self.conn, self.organization).await
    }

    async fn settings_locked(&self) -> Result<Option<EnrichmentSettings>, StoreError> {
        settings::settings_locked(&self.conn, self.organization).await
    }

    async fn keep_settings(&self, settings: &EnrichmentSettings) -> Result<(), StoreError> {
        settings::keep(&self.conn, self.organization, settings).await
    }
}
