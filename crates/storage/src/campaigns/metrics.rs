//! The counters of campaigns, and what follows from them.

use crate::dialect;
use crate::entity::{campaign_metrics, campaigns};
use crate::error::store_error;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::campaigns::{CampaignMetrics, CampaignStatus, MetricsDelta};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use uuid::Uuid;

const ADD: &str = "UPDATE campaign_metrics SET audience = audience + $3, sent = sent + $4, failed = failed + $5, \
    suppressed = suppressed + $6, unknown = unknown + $7, cancelled = cancelled + $8, opens = opens + $9, \
    unique_opens = unique_opens + $10, clicks = clicks + $11, unique_clicks = unique_clicks + $12, \
    unsubscribes = unsubscribes + $13 WHERE organization_id = $1 AND campaign_id = $2";

const COMPLETE: &str = "UPDATE campaigns SET status = 'completed', updated_at = $3, version = version + 1 \
    WHERE organization_id = $1 AND id = $2 AND status = 'active' AND snapshot_done AND EXISTS \
    (SELECT 1 FROM campaign_metrics m WHERE m.organization_id = $1 AND m.campaign_id = $2 \
    AND m.audience = m.sent + m.failed + m.suppressed + m.unknown + m.cancelled)";

/// Recipients that are not settled.
pub(super) fn queued(metrics: &CampaignMetrics) -> i64 {
    metrics.audience
        - metrics.sent
        - metrics.failed
        - metrics.suppressed
        - metrics.unknown
        - metrics.cancelled
}

/// Adds to the counters; the row stays locked until the transaction ends.
pub(crate) async fn count(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    campaign: Uuid,
    delta: &MetricsDelta,
) -> Result<(), StoreError> {
    if delta.is_empty() {
        return Ok(());
    }
    let values = [
        organization.into(),
        campaign.into(),
        delta.audience.into(),
        delta.sent.into(),
        delta.failed.into(),
        delta.suppressed.into(),
        delta.unknown.into(),
        delta.cancelled.into(),
        delta.opens.into(),
        delta.unique_opens.into(),
        delta.clicks.into(),
        delta.unique_clicks.into(),
        delta.unsubscribes.into(),
    ];
    conn.execute_raw(dialect::statement(conn, ADD, values))
        .await
        .map_err(store_error)?;
    Ok(())
}

/// Completes an active campaign whose recipients are all settled.
///
/// The campaign is locked before its counters, in the order of everybody else who needs both (a pause, a cancel). The
/// counters are locked before they are compared, so that what another worker is just adding is waited for: without that,
/// two workers that settle the last mails at once could each miss the other's and leave the campaign open.
pub(super) async fn complete_if_settled(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    campaign: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let mut query = campaigns::Entity::find_by_id((organization, campaign))
        .select_only()
        .column(campaigns::Column::Id)
        .filter(campaigns::Column::Status.eq(CampaignStatus::Active.as_str()))
        .filter(campaigns::Column::SnapshotDone.eq(true))
        .into_query();
    dialect::lock_for_update(conn, &mut query);
    if conn.query_one(&query).await.map_err(store_error)?.is_none() {
        return Ok(false);
    }
    let mut query = campaign_metrics::Entity::find_by_id((organization, campaign))
        .select_only()
        .column(campaign_metrics::Column::CampaignId)
        .into_query();
    dialect::lock_for_update(conn, &mut query);
    conn.query_one(&query).await.map_err(store_error)?;
    let values = [organization.into(), campaign.into(), now.into()];
    let done = conn
        .execute_raw(dialect::statement(conn, COMPLETE, values))
        .await
        .map_err(store_error)?;
    Ok(done.rows_affected() == 1)
}
