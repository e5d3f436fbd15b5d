//! API keys of one organization.

use super::convert;
use crate::dialect::execute;
use crate::entity::api_keys::{Column, Entity};
use crate::error::store_error;
use crate::one::one;
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::identity::{ApiKey, ApiKeyCredentials};
use groundswell_domain::{ApiKeyId, StoreError, UserId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use std::net::IpAddr;
use uuid::Uuid;

/// Most keys that a list shows.
const MOST_KEYS: u64 = 200;

const TOUCH: &str = "
UPDATE api_keys SET last_used_at = $3, last_used_ip = $5
WHERE organization_id = $1 AND id = $2 AND (last_used_at IS NULL OR last_used_at < $4)";

const REPLACE: &str = "
UPDATE api_keys SET replaced_by = $4, expires_at = $5
WHERE organization_id = $1 AND user_id = $2 AND id = $3 AND replaced_by IS NULL";

const DELETE: &str = "DELETE FROM api_keys WHERE organization_id = $1 AND user_id = $2 AND id = $3";

const DELETE_ALL: &str = "DELETE FROM api_keys WHERE organization_id = $1 AND user_id = $2";

pub(super) async fn insert(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    key: &ApiKeyCredentials,
) -> Result<(), StoreError> {
    let row = convert::api_key_row(organization, key)?;
    Entity::insert(row.into_active_model())
        .exec_without_returning(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

pub(super) async fn get(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    user: UserId,
    id: ApiKeyId,
) -> Result<Option<ApiKey>, StoreError> {
    let select = Entity::find_by_id((organization, id.0)).filter(Column::UserId.eq(user.0));
    let row = one(conn, select).await?;
    row.map(|row| Ok(convert::api_key(row)?.key)).transpose()
}

pub(super) async fn list(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    user: UserId,
) -> Result<Vec<ApiKey>, StoreError> {
    let rows = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::UserId.eq(user.0))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(MOST_KEYS)
        .all(conn)
        .await
        .map_err(store_error)?;
    rows.into_iter()
        .map(|row| Ok(convert::api_key(row)?.key))
        .collect()
}

pub(super) async fn replace(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    user: UserId,
    (id, by): (ApiKeyId, ApiKeyId),
    expires_at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let values = [
        organization.into(),
        user.0.into(),
        id.0.into(),
        by.0.into(),
        expires_at.into(),
    ];
    Ok(execute(conn, REPLACE, values).await.map_err(store_error)? == 1)
}

pub(super) async fn delete(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    user: UserId,
    id: ApiKeyId,
) -> Result<bool, StoreError> {
    let values = [organization.into(), user.0.into(), id.0.into()];
    Ok(execute(conn, DELETE, values).await.map_err(store_error)? == 1)
}

pub(super) async fn delete_all(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    user: UserId,
) -> Result<u64, StoreError> {
    let values = [organization.into(), user.0.into()];
    execute(conn, DELETE_ALL, values).await.map_err(store_error)
}

pub(super) async fn touch(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    id: ApiKeyId,
    now: DateTime<Utc>,
    ip: Option<IpAddr>,
) -> Result<(), StoreError> {
    let values = [
        organization.into(),
        id.0.into(),
        now.into(),
        (now - TimeDelta::minutes(1)).into(),
        ip.map(|ip| ip.to_string()).into(),
    ];
    execute(conn, TOUCH, values).await.map_err(store_error)?;
    Ok(())
}
