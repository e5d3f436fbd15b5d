//! How many mails went to each receiver on each day: what complaints are weighed against.

use crate::dialect::{execute, statement};
use crate::entity::email_receiver_days::{Column, Entity, Model};
use crate::error::store_error;
use chrono::NaiveDate;
use groundswell_domain::StoreError;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};
use std::collections::BTreeMap;
use uuid::Uuid;

const SENT: &str = "SELECT CAST(COALESCE(SUM(sent), 0) AS BIGINT) FROM email_receiver_days \
    WHERE organization_id = $1 AND provider = $2 AND day >= $3";

const FORGET: &str = "DELETE FROM email_receiver_days WHERE day < $1";

/// In the order of their names, so that no two processes wait for each other.
pub(super) async fn count(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    day: NaiveDate,
    sent: &BTreeMap<String, u32>,
) -> Result<(), StoreError> {
    if sent.is_empty() {
        return Ok(());
    }
    let rows = sent.iter().map(|(provider, mails)| {
        let row = Model {
            organization_id: organization,
            provider: provider.clone(),
            day,
            sent: i32::try_from(*mails).unwrap_or(i32::MAX),
        };
        row.into_active_model()
    });
    let mut add = OnConflict::columns([Column::OrganizationId, Column::Provider, Column::Day]);
    let sum = Expr::col((Entity, Column::Sent)).add(Expr::col(("excluded", "sent")));
    Entity::insert_many(rows)
        .on_conflict(add.value(Column::Sent, sum).to_owned())
        .exec_without_returning(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

pub(super) async fn sent_to(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    provider: &str,
    since: NaiveDate,
) -> Result<u64, StoreError> {
    let values = [organization.into(), provider.into(), since.into()];
    let row = conn
        .query_one_raw(statement(conn, SENT, values))
        .await
        .map_err(store_error)?;
    let sent: i64 = row
        .map_or(Ok(0), |row| row.try_get_by_index(0))
        .map_err(store_error)?;
    Ok(sent.unsigned_abs())
}

/// Days before this one, of all organizations; how many rows it was.
pub(crate) async fn forget(conn: &impl ConnectionTrait, before: NaiveDate) -> Result<u64, StoreError> {
    execute(conn, FORGET, [before.into()]).await.map_err(store_error)
}
