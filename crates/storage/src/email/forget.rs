//! What becomes of the ledger when a lead or a campaign goes: its rows stay, without it.

use crate::campaigns::count;
use crate::dialect;
use crate::error::store_error;
use groundswell_domain::StoreError;
use groundswell_domain::campaigns::MetricsDelta;
use groundswell_domain::email::MessageStatus;
use sea_orm::ConnectionTrait;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What was not begun is not sent. A mail on its way goes on: how it ended is still to be told.
const SUPPRESS: &str = "UPDATE email_messages SET lead_id = NULL, status = 'suppressed', reason = 'lead deleted', \
    lease_token = NULL, lease_until = NULL \
    WHERE organization_id = $1 AND lead_id = $2 AND status IN ('queued', 'claimed') RETURNING campaign_id";

const WITHOUT_LEAD: &str =
    "UPDATE email_messages SET lead_id = NULL WHERE organization_id = $1 AND lead_id = $2";

const WITHOUT_CAMPAIGN: &str = "UPDATE email_messages SET campaign_id = NULL, \
    reason = CASE WHEN status IN ('queued', 'claimed') THEN 'campaign deleted' ELSE reason END, \
    status = CASE WHEN status IN ('queued', 'claimed') THEN 'cancelled' ELSE status END \
    WHERE organization_id = $1 AND campaign_id = $2";

/// Takes the lead out of the ledger; mails to it that wait are suppressed, and counted as that in their campaigns.
pub(crate) async fn forget_lead(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    lead: Uuid,
) -> Result<(), StoreError> {
    let values = || [organization.into(), lead.into()];
    let mut suppressed = BTreeMap::<Uuid, i64>::new();
    for row in conn
        .query_all_raw(dialect::statement(conn, SUPPRESS, values()))
        .await
        .map_err(store_error)?
    {
        let campaign: Option<Uuid> = row.try_get_by_index(0).map_err(store_error)?;
        if let Some(campaign) = campaign {
            *suppressed.entry(campaign).or_default() += 1;
        }
    }
    conn.execute_raw(dialect::statement(conn, WITHOUT_LEAD, values()))
        .await
        .map_err(store_error)?;
    for (campaign, mails) in suppressed {
        let mut delta = MetricsDelta::default();
        delta.count(MessageStatus::Suppressed, mails);
        count(conn, organization, campaign, &delta).await?;
    }
    Ok(())
}

/// Takes the campaign out of the ledger.
pub(crate) async fn forget_campaign(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    campaign: Uuid,
) -> Result<(), StoreError> {
    let values = [organization.into(), campaign.into()];
    conn.execute_raw(dialect::statement(conn, WITHOUT_CAMPAIGN, values))
        .await
        .map_err(store_error)?;
    Ok(())
}
