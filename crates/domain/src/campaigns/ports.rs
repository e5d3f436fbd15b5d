//! What campaigns need from the store.

use super::{Campaign, CampaignSort, CampaignStats, CampaignStatus, CampaignType, MetricsDelta, Pace};
use crate::error::StoreError;
use crate::ids::{CampaignId, ClientId, LeadId, ProjectId};
use crate::paging::{Page, PageRequest};
use async_trait::async_trait;
use chrono::{DateTime, Utc};

#[derive(Debug, Clone, Default)]
pub struct CampaignFilter {
    pub status: Option<CampaignStatus>,
    pub kind: Option<CampaignType>,
    pub client_id: Option<ClientId>,
    pub project_id: Option<ProjectId>,
    /// Part of the name, without case.
    pub name: Option<String>,
}

#[async_trait]
pub trait CampaignRepo: Send + Sync {
    async fn insert(&self, campaign: &Campaign) -> Result<(), StoreError>;
    /// With its metrics.
    async fn get(&self, id: CampaignId) -> Result<Option<Campaign>, StoreError>;
    /// The same, locked until the transaction ends.
    async fn get_locked(&self, id: CampaignId) -> Result<Option<Campaign>, StoreError>;
    async fn list(
        &self,
        filter: &CampaignFilter,
        page: &PageRequest<CampaignSort>,
    ) -> Result<Page<Campaign>, StoreError>;
    /// Writes everything but the metrics and the snapshot's progress, if the row is still at `expected` version (the new one is `expected + 1`).
    /// False when it is not.
    async fn update(&self, campaign: &Campaign, expected: i32) -> Result<bool, StoreError>;
    /// Deletes the campaign; its mails stay in the ledger, without it. False when it did not exist.
    async fn delete(&self, id: CampaignId) -> Result<bool, StoreError>;

    /// Adds to the counters. The row stays locked until the transaction ends: call it last.
    async fn add_metrics(&self, id: CampaignId, delta: &MetricsDelta) -> Result<(), StoreError>;
    /// Moves the snapshot of `run` on from lead `from` to `to`; `done` when nobody is left. False when the campaign is no longer
    /// active in this run, or someone else did this piece: roll back.
    async fn advance_snapshot(
        &self,
        id: CampaignId,
        run: i32,
        from: Option<LeadId>,
        to: Option<LeadId>,
        done: bool,
    ) -> Result<bool, StoreError>;
    /// Completes an active campaign if its snapshot is done and every recipient is settled. True when it did.
    async fn complete_if_settled(&self, id: CampaignId, now: DateTime<Utc>) -> Result<bool, StoreError>;
    /// The counters of a campaign with caps, locked until the transaction ends; all 0 when nothing was claimed yet.
    async fn pace(&self, id: CampaignId) -> Result<Pace, StoreError>;
    /// Writes them. To be read in the same transaction.
    async fn set_pace(&self, id: CampaignId, pace: &Pace) -> Result<(), StoreError>;
    async fn stats(&self) -> Result<CampaignStats, StoreError>;
}
