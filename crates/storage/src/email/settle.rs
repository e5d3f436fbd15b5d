//! How tries end: the rows that a lease still holds are locked and read, then all written at once.

use crate::codec::parse;
use crate::dialect::{self, MessageEnd};
use crate::entity::email_messages::{self, Column};
use crate::error::store_error;
use crate::keys::padded;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::email::{MessageStatus, Settled, SettledRow, Settlement};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use std::collections::HashMap;
use uuid::Uuid;

/// Rows that are taken at once.
const ROWS: usize = 1_000;

/// States in which a lease may still say how a try ended.
const OPEN: [MessageStatus; 3] = [
    MessageStatus::Claimed,
    MessageStatus::Sending,
    MessageStatus::Unknown,
];

pub(super) async fn settle(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    ends: &[Settlement],
    now: DateTime<Utc>,
) -> Result<Vec<SettledRow>, StoreError> {
    let mut settled = Vec::with_capacity(ends.len());
    for chunk in ends.chunks(ROWS) {
        let ends: HashMap<Uuid, &Settlement> = chunk.iter().map(|end| (end.id.0, end)).collect();
        let mut writes = Vec::with_capacity(chunk.len());
        for row in held(conn, organization, chunk).await? {
            let Some(settlement) = ends
                .get(&row.id)
                .filter(|end| row.lease_token == Some(end.lease.0))
            else {
                continue;
            };
            let before: MessageStatus = parse("email_messages.status", &row.status)?;
            // A sweep gave it up, and its campaign may have ended since: nobody would come for it again.
            let over = before == MessageStatus::Unknown
                && settlement.end.status() == MessageStatus::Queued
                && row.campaign_id.is_some();
            let after = if over {
                MessageStatus::Failed
            } else {
                settlement.end.status()
            };
            writes.push(MessageEnd {
                id: row.id,
                status: after.as_str(),
                reason: settlement.end.reason().to_owned(),
                next_attempt_at: match &settlement.end {
                    Settled::Retry { at, .. } | Settled::Later { at, .. } if !over => Some(*at),
                    _ => None,
                },
                sent_at: (after == MessageStatus::Sent).then_some(now),
                // The try was counted when sending began.
                uncounted: i32::from(
                    matches!(settlement.end, Settled::Later { .. })
                        && row.status == MessageStatus::Sending.as_str(),
                ),
            });
            settled.push(SettledRow {
                id: settlement.id,
                campaign_id: row.campaign_id.map(Into::into),
                before,
                after,
            });
        }
        if writes.is_empty() {
            continue;
        }
        for statement in dialect::end_messages(conn, organization, writes, now)? {
            conn.execute_raw(statement).await.map_err(store_error)?;
        }
    }
    Ok(settled)
}

struct Held {
    id: Uuid,
    campaign_id: Option<Uuid>,
    status: String,
    lease_token: Option<Uuid>,
}

/// Locks the rows that are open, in the order of their ids, and reads what they were.
async fn held(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    ends: &[Settlement],
) -> Result<Vec<Held>, StoreError> {
    let mut query = email_messages::Entity::find()
        .select_only()
        .columns([Column::Id, Column::CampaignId, Column::Status, Column::LeaseToken])
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Id.is_in(padded(ends.iter().map(|end| end.id.0))))
        .filter(Column::Status.is_in(OPEN.map(MessageStatus::as_str)))
        .order_by_asc(Column::Id)
        .into_query();
    dialect::lock_for_update(conn, &mut query);
    let rows = conn.query_all(&query).await.map_err(store_error)?;
    let mut held = Vec::with_capacity(rows.len());
    for row in rows {
        let (id, campaign_id, status, lease_token) = row.try_get_many_by_index().map_err(store_error)?;
        held.push(Held {
            id,
            campaign_id,
            status,
            lease_token,
        });
    }
    Ok(held)
}
