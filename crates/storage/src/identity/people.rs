//! Lists of people and of their sessions.

use super::convert;
use crate::dialect::{self, contains};
use crate::entity::sessions;
use crate::entity::users::{Column, Entity, Model};
use crate::error::store_error;
use crate::keyset;
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::identity::{Role, Session, User, UserFilter, UserSort, UserStatus, session};
use groundswell_domain::paging::CursorValue;
use groundswell_domain::{Page, PageRequest, SessionId, StoreError, UserId};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use uuid::Uuid;

/// Most sessions that a list shows.
const MOST_SESSIONS: u64 = 200;

const OF_CLIENT: &str = "SELECT COUNT(*) FROM users WHERE organization_id = $1 AND client_id = $2";

pub(super) async fn of_client(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    client: Uuid,
) -> Result<i64, StoreError> {
    let values = [organization.into(), client.into()];
    let row = conn
        .query_one_raw(dialect::statement(conn, OF_CLIENT, values))
        .await
        .map_err(store_error)?;
    row.map_or(Ok(0), |row| row.try_get_by_index(0))
        .map_err(store_error)
}

pub(super) async fn list(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    filter: &UserFilter,
    page: &PageRequest<UserSort>,
) -> Result<Page<User>, StoreError> {
    let UserFilter { text, role, status } = filter;
    let matches = Condition::all()
        .add(Column::OrganizationId.eq(organization))
        .add_option(role.map(|role| Column::Role.eq(role.as_str())))
        .add_option(status.map(|status| Column::Status.eq(status.as_str())))
        .add_option(text.as_ref().map(|part| {
            Condition::any()
                .add(contains(conn, Column::Name, part))
                .add(contains(conn, Column::Email, part))
        }));
    let field = page.sort.field;
    let sort = match field {
        UserSort::CreatedAt => Column::CreatedAt,
        UserSort::Name => Column::Name,
        UserSort::Email => Column::EmailKey,
    };
    let place = |row: &Model| {
        let value = match field {
            UserSort::CreatedAt => CursorValue::Time(row.created_at),
            UserSort::Name => CursorValue::Text(row.name.clone()),
            UserSort::Email => CursorValue::Text(row.email_key.clone()),
        };
        (value, row.id)
    };
    let select = Entity::find().filter(matches);
    keyset::page(conn, select, (sort, Column::Id), page, place, convert::user).await
}

pub(super) async fn lock_admins(conn: &impl ConnectionTrait, organization: Uuid) -> Result<i64, StoreError> {
    let mut query = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Role.is_in([Role::CompanyAdmin.as_str(), Role::Superadmin.as_str()]))
        .filter(Column::Status.eq(UserStatus::Active.as_str()))
        .order_by_asc(Column::Id)
        .into_query();
    dialect::lock_for_update(conn, &mut query);
    let rows = conn.query_all(&query).await.map_err(store_error)?;
    i64::try_from(rows.len()).map_err(StoreError::other)
}

pub(super) async fn sessions(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Vec<Session>, StoreError> {
    let rows = sessions::Entity::find()
        .filter(sessions::Column::OrganizationId.eq(organization))
        .filter(sessions::Column::UserId.eq(user.0))
        .filter(sessions::Column::RevokedAt.is_null())
        .filter(sessions::Column::RotatedAt.gt(now - TimeDelta::days(session::SLIDING_DAYS)))
        .filter(sessions::Column::CreatedAt.gt(now - TimeDelta::days(session::ABSOLUTE_DAYS)))
        .order_by_desc(sessions::Column::CreatedAt)
        .order_by_desc(sessions::Column::Id)
        .limit(MOST_SESSIONS)
        .all(conn)
        .await
        .map_err(store_error)?;
    Ok(rows.into_iter().map(convert::session).collect())
}

pub(super) async fn revoke_sessions(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    user: UserId,
    but: Option<SessionId>,
    now: DateTime<Utc>,
) -> Result<Vec<SessionId>, StoreError> {
    const REVOKE: &str = "UPDATE sessions SET revoked_at = $4 \
        WHERE organization_id = $1 AND user_id = $2 AND id <> $3 AND revoked_at IS NULL RETURNING id";
    let but = but.map_or(Uuid::nil(), |id| id.0);
    let values = [organization.into(), user.0.into(), but.into(), now.into()];
    let rows = conn
        .query_all_raw(dialect::statement(conn, REVOKE, values))
        .await
        .map_err(store_error)?;
    rows.iter()
        .map(|row| {
            row.try_get_by_index::<Uuid>(0)
                .map(SessionId)
                .map_err(store_error)
        })
        .collect()
}
