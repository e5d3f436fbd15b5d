//! What clients need from the store.

use super::{CampaignFacts, Client, ClientFilter, ClientSort, ClientStats};
use crate::error::StoreError;
use crate::ids::{CampaignId, ClientId};
use crate::paging::{Page, PageRequest};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

#[async_trait]
pub trait ClientRepo: Send + Sync {
    async fn insert(&self, client: &Client) -> Result<(), StoreError>;
    async fn get(&self, id: ClientId) -> Result<Option<Client>, StoreError>;
    /// The same, locked until the transaction ends: nothing new can refer to it meanwhile.
    async fn get_locked(&self, id: ClientId) -> Result<Option<Client>, StoreError>;
    async fn list(
        &self,
        filter: &ClientFilter,
        page: &PageRequest<ClientSort>,
    ) -> Result<Page<Client>, StoreError>;
    /// Writes everything but the creation if the row is still at `expected` version (the new one is `expected + 1`). False
    /// when it is not.
    async fn update(&self, client: &Client, expected: i32) -> Result<bool, StoreError>;
    /// Deletes the client with its projects; its campaigns and leads stay, without it. False when it did not exist.
    async fn delete(&self, id: ClientId) -> Result<bool, StoreError>;

    /// The client's campaigns that are scheduled, active or paused, by id, with their names. All of its campaigns stay locked
    /// until the transaction ends.
    async fn live_campaigns(&self, id: ClientId) -> Result<Vec<(CampaignId, String)>, StoreError>;
    /// What the campaigns of these clients say; clients without campaigns are left out.
    async fn campaign_facts(&self, ids: &[ClientId])
    -> Result<BTreeMap<ClientId, CampaignFacts>, StoreError>;
    async fn stats(&self, now: DateTime<Utc>) -> Result<ClientStats, StoreError>;
}
