//! Who the people of trusted issuers are.

use super::convert;
use crate::codec::parse;
use crate::dialect::execute;
use crate::entity::identity_links::{Column, Entity, Relation};
use crate::entity::users;
use crate::error::store_error;
use chrono::{DateTime, Utc};
use groundswell_domain::identity::{IdentityLink, Linked};
use groundswell_domain::{IdentityLinkId, StoreError, UserId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, JoinType, PaginatorTrait, QueryFilter,
    QuerySelect, RelationTrait,
};
use uuid::Uuid;

const TOUCH: &str = "UPDATE identity_links SET last_seen = $3 WHERE organization_id = $1 AND id = $2";

pub(super) async fn insert(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    link: &IdentityLink,
) -> Result<(), StoreError> {
    let row = convert::link_row(organization, link);
    Entity::insert(row.into_active_model())
        .exec_without_returning(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

pub(super) async fn any(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    user: UserId,
) -> Result<bool, StoreError> {
    let count = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::UserId.eq(user.0))
        .count(conn)
        .await
        .map_err(store_error)?;
    Ok(count > 0)
}

pub(super) async fn touch(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    id: IdentityLinkId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let values = [organization.into(), id.0.into(), now.into()];
    execute(conn, TOUCH, values).await.map_err(store_error)?;
    Ok(())
}

/// In all organizations: a token names none.
pub(super) async fn find(
    conn: &impl ConnectionTrait,
    issuer: &str,
    subject: &str,
) -> Result<Option<Linked>, StoreError> {
    let found = Entity::find()
        .filter(Column::Issuer.eq(issuer))
        .filter(Column::Subject.eq(subject))
        .join(JoinType::InnerJoin, Relation::Person.def())
        .select_also(users::Entity)
        .one(conn)
        .await
        .map_err(store_error)?;
    let Some((link, Some(user))) = found else {
        return Ok(None);
    };
    Ok(Some(Linked {
        link: link.id.into(),
        organization: link.organization_id.into(),
        user: user.id.into(),
        role: parse("users.role", &user.role)?,
        client: user.client_id.map(Into::into),
        status: parse("users.status", &user.status)?,
        last_seen: link.last_seen,
    }))
}
