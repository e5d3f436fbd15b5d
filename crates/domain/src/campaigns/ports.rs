//! What campaigns need from the store.

use super::{
    AbCounts, AbTest, Campaign, CampaignSort, CampaignStats, CampaignStatus, CampaignType, MetricsDelta,
    Pace, PastRun, TimelineHour,
};
use crate::email::Mailing;
use crate::error::StoreError;
use crate::ids::{CampaignId, ClientId, LeadId, ProjectId, TopicId};
use crate::leads::LeadFilter;
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
    /// How many of the leads that the filter means would be left out for which reason; without a reason: who would get a mail.
    async fn exclusions(
        &self,
        filter: &LeadFilter,
        mailing: &Mailing,
        topic: Option<TopicId>,
        now: DateTime<Utc>,
    ) -> Result<Vec<(Option<String>, i64)>, StoreError>;
    /// The last few campaigns without a delivery of their own that were completed, with at least so many mails sent.
    async fn past_runs(&self, least: i64) -> Result<Vec<PastRun>, StoreError>;
    /// Hours in which mails of the campaign were sent, or first opened, clicked or unsubscribed from.
    async fn timeline(
        &self,
        id: CampaignId,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<TimelineHour>, StoreError>;

    /// Gives a campaign a test, in place of the one that it has.
    async fn put_ab_test(&self, test: &AbTest) -> Result<(), StoreError>;
    async fn ab_test(&self, campaign: CampaignId) -> Result<Option<AbTest>, StoreError>;
    /// Writes all that changes of a running test if it was looked at `expected` times; it then was once more. False when it was not.
    async fn update_ab_test(&self, test: &AbTest, expected: i32) -> Result<bool, StoreError>;
    /// What people did with each version, as the ledger has it.
    async fn ab_counts(&self, campaign: CampaignId) -> Result<AbCounts, StoreError>;
    async fn stats(&self) -> Result<CampaignStats, StoreError>;
}
