//! Rows that were claimed, and are to be tried later.

use crate::entity::email_messages::{Column, Entity};
use crate::error::store_error;
use crate::keys::padded;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::email::MessageStatus;
use groundswell_domain::ids::MessageId;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::BTreeMap;
use uuid::Uuid;

/// One statement for each moment: those of a claim are few.
pub(super) async fn postpone(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    rows: &[(MessageId, DateTime<Utc>)],
    lease: Uuid,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let mut moments = BTreeMap::<DateTime<Utc>, Vec<Uuid>>::new();
    for (id, at) in rows {
        moments.entry(*at).or_default().push(id.0);
    }
    let mut postponed = 0;
    for (at, ids) in moments {
        let done = Entity::update_many()
            .col_expr(Column::Status, Expr::val(MessageStatus::Queued.as_str()))
            .col_expr(Column::LeaseToken, Expr::val(None::<Uuid>))
            .col_expr(Column::LeaseUntil, Expr::val(None::<DateTime<Utc>>))
            .col_expr(Column::NextAttemptAt, Expr::val(at))
            .col_expr(Column::UpdatedAt, Expr::val(now))
            .filter(Column::OrganizationId.eq(organization))
            .filter(Column::Id.is_in(padded(ids)))
            .filter(Column::LeaseToken.eq(lease))
            .filter(Column::Status.eq(MessageStatus::Claimed.as_str()))
            .exec(conn)
            .await
            .map_err(store_error)?;
        postponed += done.rows_affected;
    }
    Ok(postponed)
}
