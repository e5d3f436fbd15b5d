//! How far a look at all leads is: one row for an organization.

use super::convert;
use crate::dialect::execute;
use crate::entity::qualification_runs::{Column, Entity};
use crate::error::store_error;
use chrono::{DateTime, Utc};
use groundswell_domain::qualification::QualificationRun;
use groundswell_domain::{LeadId, QualificationRunId, StoreError};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use uuid::Uuid;

const FORGET: &str = "DELETE FROM qualification_runs WHERE organization_id = $1";
const ADVANCE: &str = "UPDATE qualification_runs SET after = $3, done = done + $4, moved = moved + $5 \
    WHERE organization_id = $1 AND id = $2";
const FINISH: &str = "UPDATE qualification_runs SET finished_at = $3 WHERE organization_id = $1 AND id = $2";

pub(super) async fn begin(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    run: &QualificationRun,
) -> Result<(), StoreError> {
    execute(conn, FORGET, [organization.into()])
        .await
        .map_err(store_error)?;
    Entity::insert(convert::run_row(organization, run).into_active_model())
        .exec_without_returning(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// The youngest, should two have begun at the same moment.
pub(super) async fn current(
    conn: &impl ConnectionTrait,
    organization: Uuid,
) -> Result<Option<QualificationRun>, StoreError> {
    let row = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .order_by_desc(Column::Id)
        .one(conn)
        .await
        .map_err(store_error)?;
    Ok(row.as_ref().map(convert::run))
}

pub(super) async fn advance(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    id: QualificationRunId,
    after: LeadId,
    (done, moved): (u64, u64),
) -> Result<bool, StoreError> {
    let done = i64::try_from(done).map_err(StoreError::other)?;
    let moved = i64::try_from(moved).map_err(StoreError::other)?;
    let values = [
        organization.into(),
        id.0.into(),
        after.0.into(),
        done.into(),
        moved.into(),
    ];
    Ok(execute(conn, ADVANCE, values).await.map_err(store_error)? == 1)
}

pub(super) async fn finish(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    id: QualificationRunId,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let values = [organization.into(), id.0.into(), now.into()];
    Ok(execute(conn, FINISH, values).await.map_err(store_error)? == 1)
}
