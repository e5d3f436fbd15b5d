//! What became of a mail, told by somebody who knows.

use crate::codec::parse;
use crate::dialect;
use crate::entity::email_messages::{self, Column};
use crate::error::store_error;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::email::{Fate, Message, MessageStatus, SettledRow};
use groundswell_domain::ids::MessageId;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

/// States in which it is not known.
const OPEN: [MessageStatus; 2] = [MessageStatus::Sending, MessageStatus::Unknown];

// The row is not touched while it is in doubt: when it was last changed is when it was sent, if it was. A worker that still holds it finds it settled.
const RESOLVE: &str = "UPDATE email_messages SET status = $3, \
    reason = CASE WHEN to_key = 'erased@erased.invalid' THEN NULL ELSE $4 END, \
    sent_at = CASE WHEN $6 THEN updated_at ELSE sent_at END, lease_token = NULL, lease_until = NULL, updated_at = $5 \
    WHERE organization_id = $1 AND id = $2";

pub(super) async fn doubted(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    since: DateTime<Utc>,
    after: Option<MessageId>,
    limit: u32,
) -> Result<Vec<Message>, StoreError> {
    let rows = email_messages::Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        // As in the partial index: a plan for any status would not look there.
        .filter(Expr::cust("status = 'unknown'"))
        .filter(Column::UpdatedAt.gt(since))
        .apply_if(after, |select, after| select.filter(Column::Id.gt(after.0)))
        .order_by_asc(Column::Id)
        .limit(u64::from(limit))
        .all(conn)
        .await
        .map_err(store_error)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

pub(super) async fn resolve(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    id: MessageId,
    fate: Fate,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<Option<SettledRow>, StoreError> {
    let mut query = email_messages::Entity::find()
        .select_only()
        .columns([Column::CampaignId, Column::Status])
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Id.eq(id.0))
        .filter(Column::Status.is_in(OPEN.map(MessageStatus::as_str)))
        .into_query();
    dialect::lock_for_update(conn, &mut query);
    let Some(row) = conn.query_one(&query).await.map_err(store_error)? else {
        return Ok(None);
    };
    let (campaign, status): (Option<Uuid>, String) = row.try_get_many_by_index().map_err(store_error)?;
    let after = fate.status();
    let values = [
        organization.into(),
        id.0.into(),
        after.as_str().into(),
        reason.into(),
        now.into(),
        (fate == Fate::Sent).into(),
    ];
    dialect::execute(conn, RESOLVE, values)
        .await
        .map_err(store_error)?;
    Ok(Some(SettledRow {
        id,
        campaign_id: campaign.map(Into::into),
        before: parse("email_messages.status", &status)?,
        after,
    }))
}
