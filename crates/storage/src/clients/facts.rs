//! What campaigns say about their clients: one query for as many clients as a page has.

use crate::entity::{campaign_metrics, campaigns};
use crate::error::store_error;
use groundswell_domain::clients::CampaignFacts;
use groundswell_domain::{ClientId, StoreError};
use sea_orm::sea_query::{Expr, ExprTrait, JoinType, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryResult};
use std::collections::BTreeMap;
use uuid::Uuid;

const SUMS: [&str; 6] = [
    "CAST(SUM(CASE WHEN campaigns.status IN ('scheduled', 'active') THEN 1 ELSE 0 END) AS BIGINT)",
    "CAST(SUM(CASE WHEN campaigns.status = 'paused' THEN 1 ELSE 0 END) AS BIGINT)",
    "CAST(SUM(campaign_metrics.sent) AS BIGINT)",
    "CAST(SUM(campaign_metrics.failed) AS BIGINT)",
    "CAST(SUM(campaign_metrics.unsubscribes) AS BIGINT)",
    "MAX(CASE WHEN campaigns.launched_at IS NOT NULL THEN campaigns.updated_at END)",
];

pub(super) async fn facts(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    ids: &[ClientId],
) -> Result<BTreeMap<ClientId, CampaignFacts>, StoreError> {
    use campaign_metrics::Column as Metrics;
    use campaigns::Column;
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut query = Query::select();
    query.column(Column::ClientId.as_column_ref());
    for sum in SUMS {
        query.expr(Expr::cust(sum));
    }
    query
        .from(campaigns::Entity)
        .join(
            JoinType::InnerJoin,
            campaign_metrics::Entity,
            Expr::col(Metrics::OrganizationId.as_column_ref())
                .equals(Column::OrganizationId.as_column_ref())
                .and(Expr::col(Metrics::CampaignId.as_column_ref()).equals(Column::Id.as_column_ref())),
        )
        .and_where(Column::OrganizationId.eq(organization))
        .and_where(Column::ClientId.is_in(ids.iter().map(|id| id.0)))
        .group_by_col(Column::ClientId.as_column_ref());
    let rows = conn.query_all(&query).await.map_err(store_error)?;
    rows.iter().map(read).collect()
}

/// In the order of [`SUMS`].
fn read(row: &QueryResult) -> Result<(ClientId, CampaignFacts), StoreError> {
    let id: Uuid = row.try_get_by_index(0).map_err(store_error)?;
    let number = |at: usize| row.try_get_by_index::<i64>(at).map_err(store_error);
    let facts = CampaignFacts {
        running: number(1)?,
        paused: number(2)?,
        sent: number(3)?,
        failed: number(4)?,
        unsubscribes: number(5)?,
        last_activity: row.try_get_by_index(6).map_err(store_error)?,
    };
    Ok((id.into(), facts))
}
