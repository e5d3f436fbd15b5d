//! Receivers that pushed back.

use crate::dialect::{self, execute};
use crate::entity::email_throttles::{Column, Entity, Model};
use crate::error::store_error;
use crate::keys::padded;
use groundswell_domain::StoreError;
use groundswell_domain::email::Throttle;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder,
    QueryTrait,
};
use uuid::Uuid;

const FORGET: &str = "DELETE FROM email_throttles WHERE organization_id = $1 AND provider = $2";

pub(super) async fn find(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    providers: &[String],
) -> Result<Vec<Throttle>, StoreError> {
    if providers.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Provider.is_in(padded(providers.iter().map(String::as_str))))
        .order_by_asc(Column::Provider)
        .into_query();
    dialect::lock_for_update(conn, &mut query);
    let rows = conn.query_all(&query).await.map_err(store_error)?;
    rows.iter()
        .map(|row| {
            Model::from_query_result(row, "")
                .map_err(store_error)
                .map(throttle)
        })
        .collect()
}

fn throttle(row: Model) -> Throttle {
    Throttle {
        provider: row.provider,
        per_minute: row.per_minute,
        paced_at: row.paced_at,
        next_turn: row.next_turn,
        horizon: row.horizon,
        complaints: row.complaints.unsigned_abs(),
        complaints_on: row.complaints_on,
    }
}

pub(super) async fn keep(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    throttle: &Throttle,
) -> Result<(), StoreError> {
    let row = Model {
        organization_id: organization,
        provider: throttle.provider.clone(),
        per_minute: throttle.per_minute,
        paced_at: throttle.paced_at,
        next_turn: throttle.next_turn,
        horizon: throttle.horizon,
        complaints: i32::try_from(throttle.complaints).unwrap_or(i32::MAX),
        complaints_on: throttle.complaints_on,
    };
    let mut replace = OnConflict::columns([Column::OrganizationId, Column::Provider]);
    replace.update_columns([
        Column::PerMinute,
        Column::PacedAt,
        Column::NextTurn,
        Column::Horizon,
        Column::Complaints,
        Column::ComplaintsOn,
    ]);
    Entity::insert(row.into_active_model())
        .on_conflict(replace)
        .exec_without_returning(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

pub(super) async fn forget(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    provider: &str,
) -> Result<(), StoreError> {
    let values = [organization.into(), provider.into()];
    execute(conn, FORGET, values).await.map_err(store_error)?;
    Ok(())
}
