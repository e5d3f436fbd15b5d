//! Sums over an organization's campaigns.

use crate::codec::parse;
use crate::dialect;
use crate::error::store_error;
use groundswell_domain::StoreError;
use groundswell_domain::campaigns::{CampaignMetrics, CampaignStats};
use groundswell_domain::money::{Currency, Money};
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::BTreeMap;
use uuid::Uuid;

const GROUPS: &str = "SELECT status, kind, currency, COUNT(*) AS campaigns, \
    CAST(COALESCE(SUM(budget_allocated), 0) AS BIGINT) AS budget, COUNT(budget_allocated) AS budgets \
    FROM campaigns WHERE organization_id = $1 AND (client_id = $2 OR $3) GROUP BY status, kind, currency";

const SUMS: &str = "SELECT CAST(COALESCE(SUM(audience), 0) AS BIGINT) AS audience, \
    CAST(COALESCE(SUM(sent), 0) AS BIGINT) AS sent, CAST(COALESCE(SUM(failed), 0) AS BIGINT) AS failed, \
    CAST(COALESCE(SUM(suppressed), 0) AS BIGINT) AS suppressed, \
    CAST(COALESCE(SUM(unknown), 0) AS BIGINT) AS unknown, \
    CAST(COALESCE(SUM(cancelled), 0) AS BIGINT) AS cancelled, CAST(COALESCE(SUM(opens), 0) AS BIGINT) AS opens, \
    CAST(COALESCE(SUM(unique_opens), 0) AS BIGINT) AS unique_opens, \
    CAST(COALESCE(SUM(clicks), 0) AS BIGINT) AS clicks, \
    CAST(COALESCE(SUM(unique_clicks), 0) AS BIGINT) AS unique_clicks, \
    CAST(COALESCE(SUM(unsubscribes), 0) AS BIGINT) AS unsubscribes \
    FROM campaign_metrics WHERE organization_id = $1 AND ($3 OR EXISTS (SELECT 1 FROM campaigns \
    WHERE campaigns.organization_id = campaign_metrics.organization_id \
    AND campaigns.id = campaign_metrics.campaign_id AND client_id = $2))";

#[derive(FromQueryResult)]
struct Group {
    status: String,
    kind: String,
    currency: String,
    campaigns: i64,
    budget: i64,
    budgets: i64,
}

#[derive(FromQueryResult)]
struct Sums {
    audience: i64,
    sent: i64,
    failed: i64,
    suppressed: i64,
    unknown: i64,
    cancelled: i64,
    opens: i64,
    unique_opens: i64,
    clicks: i64,
    unique_clicks: i64,
    unsubscribes: i64,
}

pub(super) async fn stats(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    client: Option<Uuid>,
) -> Result<CampaignStats, StoreError> {
    let values = [organization.into(), client.into(), client.is_none().into()];
    let mut stats = CampaignStats::default();
    let mut budgets = BTreeMap::<String, i64>::new();
    let groups = Group::find_by_statement(dialect::statement(conn, GROUPS, values.clone()))
        .all(conn)
        .await
        .map_err(store_error)?;
    for group in groups {
        stats.total += group.campaigns;
        *stats.by_status.entry(group.status).or_default() += group.campaigns;
        *stats.by_type.entry(group.kind).or_default() += group.campaigns;
        if group.budgets > 0 {
            *budgets.entry(group.currency).or_default() += group.budget;
        }
    }
    for (currency, minor) in budgets {
        let known: Currency = parse("campaigns.currency", &currency)?;
        let amount = Money {
            minor,
            currency: known,
        }
        .amount();
        stats
            .budget
            .insert(currency, amount.to_string().parse().map_err(StoreError::other)?);
    }
    let sums = Sums::find_by_statement(dialect::statement(conn, SUMS, values))
        .one(conn)
        .await
        .map_err(store_error)?;
    if let Some(sums) = sums {
        stats.metrics = metrics(&sums);
        stats.open_rate = rate(sums.unique_opens, sums.sent);
        stats.click_rate = rate(sums.unique_clicks, sums.sent);
    }
    Ok(stats)
}

fn metrics(sums: &Sums) -> CampaignMetrics {
    let mut metrics = CampaignMetrics {
        audience: sums.audience,
        queued: 0,
        sent: sums.sent,
        failed: sums.failed,
        suppressed: sums.suppressed,
        unknown: sums.unknown,
        cancelled: sums.cancelled,
        opens: sums.opens,
        unique_opens: sums.unique_opens,
        clicks: sums.clicks,
        unique_clicks: sums.unique_clicks,
        unsubscribes: sums.unsubscribes,
    };
    metrics.queued = super::metrics::queued(&metrics);
    metrics
}

/// 0.0 to 1.0; a mail that was opened although nobody knows whether it was delivered must not make it more.
#[expect(clippy::cast_precision_loss, reason = "counts of mails are far below 2^52")]
fn rate(part: i64, whole: i64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        (part as f64 / whole as f64).min(1.0)
    }
}
