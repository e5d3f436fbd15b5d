//! What enrichment needs from the store.

use super::{
    Enrichment, EnrichmentProvider, EnrichmentSettings, EnrichmentSource, EnrichmentValue, ProviderSort, Site,
};
use crate::error::StoreError;
use crate::ids::{EnrichmentProviderId, LeadId};
use crate::paging::{Page, PageRequest};
use async_trait::async_trait;
use chrono::{DateTime, Utc};

#[async_trait]
pub trait EnrichmentRepo: Send + Sync {
    /// Everything that sources said of a lead and that has not been deleted, by field and source.
    async fn values(&self, lead: LeadId) -> Result<Vec<EnrichmentValue>, StoreError>;
    /// Puts what a source says now into the place of what it said of this lead before. A lead that does not exist is
    /// [`StoreError::MissingReference`] when there are values.
    async fn replace_values(
        &self,
        lead: LeadId,
        source: EnrichmentSource,
        values: &[EnrichmentValue],
    ) -> Result<(), StoreError>;
    /// What is remembered of a lead's enrichment; nothing when there was none.
    async fn enrichment(&self, lead: LeadId) -> Result<Enrichment, StoreError>;
    /// A lead that does not exist is [`StoreError::MissingReference`].
    async fn keep_enrichment(&self, lead: LeadId, enrichment: &Enrichment) -> Result<(), StoreError>;

    /// What was found on the site of this domain, also when it has expired.
    async fn site(&self, domain: &str) -> Result<Option<Site>, StoreError>;
    /// Notes that we visit the site until `until`, unless there is a result that has not expired (and is not from before `since`), or somebody
    /// else is there. False when we must not.
    async fn claim_site(
        &self,
        domain: &str,
        since: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError>;
    /// Writes a result into the place of the one before.
    async fn keep_site(&self, site: &Site) -> Result<(), StoreError>;

    async fn insert_provider(&self, provider: &EnrichmentProvider) -> Result<(), StoreError>;
    async fn provider(&self, id: EnrichmentProviderId) -> Result<Option<EnrichmentProvider>, StoreError>;
    async fn list_providers(
        &self,
        page: &PageRequest<ProviderSort>,
    ) -> Result<Page<EnrichmentProvider>, StoreError>;
    /// Those that are enabled, up to `limit`, by position and then by age.
    async fn waterfall(&self, limit: u32) -> Result<Vec<EnrichmentProvider>, StoreError>;
    /// Writes everything but the creation if the row is still at `expected` version (the new one is `expected + 1`). False
    /// when it is not.
    async fn update_provider(&self, provider: &EnrichmentProvider, expected: i32)
    -> Result<bool, StoreError>;
    /// What it said stays until it expires. False when it did not exist.
    async fn delete_provider(&self, id: EnrichmentProviderId) -> Result<bool, StoreError>;
    /// Takes the next turn of a provider that may be asked once in its interval: when that is, `now` or later. `None` when it does not
    /// exist.
    async fn take_turn(
        &self,
        provider: &EnrichmentProvider,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, StoreError>;

    /// `None` where nobody has decided.
    async fn settings(&self) -> Result<Option<EnrichmentSettings>, StoreError>;
    /// The same, locked until the transaction ends.
    async fn settings_locked(&self) -> Result<Option<EnrichmentSettings>, StoreError>;
    async fn keep_settings(&self, settings: &EnrichmentSettings) -> Result<(), StoreError>;
}
