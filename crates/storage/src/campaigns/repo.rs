//! The port of campaigns.

use super::{ab_tests, forecast, list, metrics, pace, rows, stats, timeline};
use crate::dialect;
use crate::entity::campaign_metrics;
use crate::entity::campaigns::{self, Column};
use crate::error::store_error;
use crate::session::Session;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::campaigns::{
    AbCounts, AbTest, Campaign, CampaignFilter, CampaignRepo, CampaignSort, CampaignStats, MetricsDelta,
    Pace, PastRun, TimelineHour,
};
use groundswell_domain::email::Mailing;
use groundswell_domain::ids::{CampaignId, LeadId, TopicId};
use groundswell_domain::leads::LeadFilter;
use groundswell_domain::{Page, PageRequest, StoreError};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
};

const ADVANCE: &str = "UPDATE campaigns SET snapshot_after = $5, snapshot_done = $6 \
    WHERE organization_id = $1 AND id = $2 AND run = $3 AND status = 'active' AND NOT snapshot_done \
    AND snapshot_after IS NOT DISTINCT FROM $4";

#[async_trait]
impl<C: ConnectionTrait + Send> CampaignRepo for Session<C> {
    async fn insert(&self, campaign: &Campaign) -> Result<(), StoreError> {
        let row = campaigns::Model::of(self.organization, campaign)?;
        campaigns::Entity::insert(row.into_active_model())
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        let counters = campaign_metrics::ActiveModel {
            organization_id: ActiveValue::Set(self.organization),
            campaign_id: ActiveValue::Set(campaign.id.0),
            ..Default::default()
        };
        campaign_metrics::Entity::insert(counters)
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn get(&self, id: CampaignId) -> Result<Option<Campaign>, StoreError> {
        let query = rows::select(self.organization)
            .and_where(Column::Id.eq(id.0))
            .and_where_option(self.of_client(Column::ClientId))
            .take();
        let row = self.conn.query_one(&query).await.map_err(store_error)?;
        row.as_ref().map(rows::campaign).transpose()
    }

    async fn get_locked(&self, id: CampaignId) -> Result<Option<Campaign>, StoreError> {
        let mut query = rows::select(self.organization)
            .and_where(Column::Id.eq(id.0))
            .and_where_option(self.of_client(Column::ClientId))
            .take();
        // Not the counters: those who count would wait for as long as this transaction takes.
        dialect::lock_table_for_update(&self.conn, &mut query, campaigns::Entity);
        let row = self.conn.query_one(&query).await.map_err(store_error)?;
        row.as_ref().map(rows::campaign).transpose()
    }

    async fn list(
        &self,
        filter: &CampaignFilter,
        page: &PageRequest<CampaignSort>,
    ) -> Result<Page<Campaign>, StoreError> {
        list::list(self, filter, page).await
    }

    async fn update(&self, campaign: &Campaign, expected: i32) -> Result<bool, StoreError> {
        let row = campaigns::Model::of(self.organization, campaign)?;
        let mut change = campaigns::ActiveModel {
            version: ActiveValue::Set(expected + 1),
            ..row.into_active_model().reset_all()
        };
        for column in [
            Column::OrganizationId,
            Column::Id,
            Column::CreatedAt,
            Column::SnapshotAfter,
            Column::SnapshotDone,
        ] {
            change.not_set(column);
        }
        let done = campaigns::Entity::update_many()
            .set(change)
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::Id.eq(campaign.id.0))
            .filter(Column::Version.eq(expected))
            .exec(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected == 1)
    }

    async fn delete(&self, id: CampaignId) -> Result<bool, StoreError> {
        let done = campaigns::Entity::delete_by_id((self.organization, id.0))
            .exec(&self.conn)
            .await
            .map_err(store_error)?;
        if done.rows_affected == 0 {
            return Ok(false);
        }
        crate::email::forget_campaign(&self.conn, self.organization, id.0).await?;
        Ok(true)
    }

    async fn add_metrics(&self, id: CampaignId, delta: &MetricsDelta) -> Result<(), StoreError> {
        metrics::count(&self.conn, self.organization, id.0, delta).await
    }

    async fn advance_snapshot(
        &self,
        id: CampaignId,
        run: i32,
        from: Option<LeadId>,
        to: Option<LeadId>,
        done: bool,
    ) -> Result<bool, StoreError> {
        let values = [
            self.organization.into(),
            id.0.into(),
            run.into(),
            from.map(|id| id.0).into(),
            to.map(|id| id.0).into(),
            done.into(),
        ];
        let done = self
            .conn
            .execute_raw(dialect::statement(&self.conn, ADVANCE, values))
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn complete_if_settled(&self, id: CampaignId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        metrics::complete_if_settled(&self.conn, self.organization, id.0, now).await
    }

    async fn pace(&self, id: CampaignId) -> Result<Pace, StoreError> {
        pace::get(&self.conn, self.organization, id.0).await
    }

    async fn set_pace(&self, id: CampaignId, pace: &Pace) -> Result<(), StoreError> {
        pace::set(&self.conn, self.organization, id.0, pace).await
    }

    async fn exclusions(
        &self,
        filter: &LeadFilter,
        mailing: &Mailing,
        topic: Option<TopicId>,
        now: DateTime<Utc>,
    ) -> Result<Vec<(Option<String>, i64)>, StoreError> {
        forecast::reasons(self, filter, mailing, topic, now).await
    }

    async fn past_runs(&self, least: i64) -> Result<Vec<PastRun>, StoreError> {
        forecast::past_runs(&self.conn, self.organization, least).await
    }

    async fn timeline(
        &self,
        id: CampaignId,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<TimelineHour>, StoreError> {
        timeline::hours(&self.conn, self.organization, id.0, from, until).await
    }

    async fn put_ab_test(&self, test: &AbTest) -> Result<(), StoreError> {
        ab_tests::put(&self.conn, self.organization, test).await
    }

    async fn ab_test(&self, campaign: CampaignId) -> Result<Option<AbTest>, StoreError> {
        ab_tests::get(&self.conn, self.organization, campaign.0).await
    }

    async fn update_ab_test(&self, test: &AbTest, expected: i32) -> Result<bool, StoreError> {
        ab_tests::update(&self.conn, self.organization, test, expected).await
    }

    async fn ab_counts(&self, campaign: CampaignId) -> Result<AbCounts, StoreError> {
        ab_tests::counts(&self.conn, self.organization, campaign.0).await
    }

    async fn stats(&self) -> Result<CampaignStats, StoreError> {
        stats::stats(&self.conn, self.organization, self.client).await
    }
}
