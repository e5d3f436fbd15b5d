//! Rows that wait for a decision, and letting them go.

use crate::dialect;
use crate::entity::email_messages::{Column, Entity};
use crate::error::store_error;
use crate::keys::padded;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::email::{HELD, MessageStatus, Released};
use groundswell_domain::ids::{LeadId, MessageId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::BTreeMap;
use uuid::Uuid;

const SOME: &str = "SELECT id, lead_id FROM email_messages WHERE organization_id = $1 AND campaign_id = $2 \
    AND status = 'queued' AND next_attempt_at = $3 ORDER BY id LIMIT $4";

pub(super) async fn some(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    campaign: Uuid,
    limit: u32,
) -> Result<Vec<(MessageId, Option<LeadId>)>, StoreError> {
    let values = [
        organization.into(),
        campaign.into(),
        HELD.into(),
        i64::from(limit).into(),
    ];
    let mut rows = Vec::new();
    for row in conn
        .query_all_raw(dialect::statement(conn, SOME, values))
        .await
        .map_err(store_error)?
    {
        let (id, lead): (Uuid, Option<Uuid>) = row.try_get_many_by_index().map_err(store_error)?;
        rows.push((id.into(), lead.map(Into::into)));
    }
    Ok(rows)
}

/// One statement for each version and moment.
pub(super) async fn release(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    rows: &[Released],
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let mut alike = BTreeMap::<(i32, DateTime<Utc>), Vec<Uuid>>::new();
    for row in rows {
        alike.entry((row.variant, row.at)).or_default().push(row.id.0);
    }
    let mut released = 0;
    for ((variant, at), ids) in alike {
        let done = Entity::update_many()
            .col_expr(Column::Variant, Expr::val(variant))
            .col_expr(Column::NextAttemptAt, Expr::val(at))
            .col_expr(Column::UpdatedAt, Expr::val(now))
            .filter(Column::OrganizationId.eq(organization))
            .filter(Column::Id.is_in(padded(ids)))
            .filter(Column::Status.eq(MessageStatus::Queued.as_str()))
            .filter(Column::NextAttemptAt.eq(HELD))
            .exec(conn)
            .await
            .map_err(store_error)?;
        released += done.rows_affected;
    }
    Ok(released)
}
