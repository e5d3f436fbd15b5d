//! One organization's people.

use super::convert;
use crate::dialect::execute;
use crate::entity::{api_keys, organizations, sessions, users};
use crate::error::store_error;
use crate::one::one;
use crate::session::Session;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::identity::{self, ApiKey, ApiKeyCredentials, IdentityRepo, Organization, User};
use groundswell_domain::{ApiKeyId, SessionId, StoreError, UserId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

/// Most keys that a list shows.
const MOST_KEYS: u64 = 200;

const ROTATE: &str = "
UPDATE sessions SET generation = generation + 1, rotated_at = $4
WHERE organization_id = $1 AND id = $2 AND generation = $3 AND revoked_at IS NULL";

const REVOKE: &str = "
UPDATE sessions SET revoked_at = $3 WHERE organization_id = $1 AND id = $2 AND revoked_at IS NULL";

const TOUCH: &str = "
UPDATE api_keys SET last_used_at = $3
WHERE organization_id = $1 AND id = $2 AND (last_used_at IS NULL OR last_used_at < $4)";

const DELETE_KEY: &str = "DELETE FROM api_keys WHERE organization_id = $1 AND user_id = $2 AND id = $3";

#[async_trait]
impl<C: ConnectionTrait + Send> IdentityRepo for Session<C> {
    async fn organization(&self) -> Result<Option<Organization>, StoreError> {
        let row = one(&self.conn, organizations::Entity::find_by_id(self.organization)).await?;
        row.map(convert::organization).transpose()
    }

    async fn insert_organization(&self, organization: &Organization) -> Result<(), StoreError> {
        if organization.id.0 != self.organization {
            return Err(StoreError::other("an organization is made within its own scope"));
        }
        let row = organizations::Model {
            id: organization.id.0,
            name: organization.name.clone(),
            currency: organization.currency.as_str().to_owned(),
            created_at: organization.created_at,
        };
        let insert = organizations::Entity::insert(row.into_active_model());
        insert
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn insert_user(&self, user: &User, password_hash: &str) -> Result<(), StoreError> {
        let row = convert::user_row(self.organization, user, password_hash);
        let insert = users::Entity::insert(row.into_active_model());
        insert
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = one(&self.conn, users::Entity::find_by_id((self.organization, id.0))).await?;
        row.map(convert::user).transpose()
    }

    async fn insert_session(&self, session: &identity::Session) -> Result<(), StoreError> {
        let row = convert::session_row(self.organization, session);
        let insert = sessions::Entity::insert(row.into_active_model());
        insert
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn rotate_session(
        &self,
        id: SessionId,
        generation: i32,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let values = [
            self.organization.into(),
            id.0.into(),
            generation.into(),
            now.into(),
        ];
        Ok(execute(&self.conn, ROTATE, values).await.map_err(store_error)? == 1)
    }

    async fn revoke_session(&self, id: SessionId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let values = [self.organization.into(), id.0.into(), now.into()];
        Ok(execute(&self.conn, REVOKE, values).await.map_err(store_error)? == 1)
    }

    async fn insert_api_key(&self, key: &ApiKeyCredentials) -> Result<(), StoreError> {
        let row = convert::api_key_row(self.organization, key)?;
        let insert = api_keys::Entity::insert(row.into_active_model());
        insert
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn api_keys(&self, user: UserId) -> Result<Vec<ApiKey>, StoreError> {
        let rows = api_keys::Entity::find()
            .filter(api_keys::Column::OrganizationId.eq(self.organization))
            .filter(api_keys::Column::UserId.eq(user.0))
            .order_by_desc(api_keys::Column::CreatedAt)
            .order_by_desc(api_keys::Column::Id)
            .limit(MOST_KEYS)
            .all(&self.conn)
            .await
            .map_err(store_error)?;
        rows.into_iter()
            .map(|row| Ok(convert::api_key(row)?.key))
            .collect()
    }

    async fn delete_api_key(&self, user: UserId, id: ApiKeyId) -> Result<bool, StoreError> {
        let values = [self.organization.into(), user.0.into(), id.0.into()];
        Ok(execute(&self.conn, DELETE_KEY, values)
            .await
            .map_err(store_error)?
            == 1)
    }

    async fn touch_api_key(&self, id: ApiKeyId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let values = [
            self.organization.into(),
            id.0.into(),
            now.into(),
            (now - TimeDelta::minutes(1)).into(),
        ];
        execute(&self.conn, TOUCH, values).await.map_err(store_error)?;
        Ok(())
    }
}
