//! One organization's people.

use super::{convert, keys, links, people};
use crate::codec::{from_json, to_json};
use crate::dialect::execute;
use crate::entity::{one_time_tokens, organizations, sessions, users};
use crate::error::store_error;
use crate::one::one;
use crate::session::Session;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::identity::{
    self, ApiKey, ApiKeyCredentials, IdentityLink, IdentityRepo, OneTimeToken, Organization, Purpose, User,
    UserFilter, UserSort,
};
use groundswell_domain::scoring::ScoringModel;
use groundswell_domain::{
    ApiKeyId, ClientId, IdentityLinkId, OneTimeTokenId, Page, PageRequest, SessionId, StoreError, UserId,
};
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};
use serde_json::{Map, Value};
use std::net::IpAddr;

const ROTATE: &str = "
UPDATE sessions SET generation = generation + 1, rotated_at = $4
WHERE organization_id = $1 AND id = $2 AND generation = $3 AND revoked_at IS NULL";

const UPDATE_ORGANIZATION: &str = "
UPDATE organizations SET name = $3, currency = $4, time_zone = $5, locale = $6, updated_at = $7, version = version + 1,
  keep_leads_days = $8, keep_submissions_days = $9, keep_messages_days = $10, keep_events_days = $11, keep_audit_days = $12, public_url = $13, region = $14, mail_from = $15, mailing = $16,
  retention_ran_at = COALESCE(retention_ran_at, $7)
WHERE id = $1 AND version = $2";

const UPDATE_USER: &str = "
UPDATE users SET name = $4, role = $5, status = $6, email_verified_at = $7, updated_at = $8, client_id = $9, version = version + 1
WHERE organization_id = $1 AND id = $2 AND version = $3";

const DELETE_USER: &str = "DELETE FROM users WHERE organization_id = $1 AND id = $2";

const SET_PASSWORD: &str = "UPDATE users SET password_hash = $3 WHERE organization_id = $1 AND id = $2";

const TOUCH_USER: &str = "UPDATE users SET last_login_at = $3 WHERE organization_id = $1 AND id = $2";

const SET_PREFERENCES: &str = "UPDATE users SET preferences = $3 WHERE organization_id = $1 AND id = $2";

const USE_LINK: &str = "
UPDATE one_time_tokens SET used_at = $3
WHERE organization_id = $1 AND id = $2 AND used_at IS NULL AND expires_at > $3";

const END_LINKS: &str = "
UPDATE one_time_tokens SET used_at = $4
WHERE organization_id = $1 AND user_id = $2 AND purpose = $3 AND used_at IS NULL";

const REVOKE: &str = "
UPDATE sessions SET revoked_at = $3 WHERE organization_id = $1 AND id = $2 AND revoked_at IS NULL";

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
            time_zone: organization.time_zone.to_string(),
            locale: organization.locale.to_string(),
            updated_at: Some(organization.updated_at),
            version: organization.version,
            public_url: organization.public_url.as_ref().map(url::Url::to_string),
            keep_leads_days: organization.retention.leads_inactive_days,
            keep_submissions_days: organization.retention.submissions_days,
            keep_messages_days: organization.retention.messages_days,
            keep_events_days: organization.retention.events_days,
            keep_audit_days: organization.retention.audit_days,
            retention_ran_at: None,
            region: organization.region.map(|region| region.to_string()),
            mail_from: organization.from.as_ref().map(to_json).transpose()?,
            mailing: Some(to_json(&organization.mailing)?),
        };
        let insert = organizations::Entity::insert(row.into_active_model());
        insert
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        let model = ScoringModel::built_in(organization.id, organization.created_at);
        crate::scoring::insert_model(&self.conn, self.organization, &model).await
    }

    async fn update_organization(
        &self,
        organization: &Organization,
        expected: i32,
    ) -> Result<bool, StoreError> {
        let values = [
            self.organization.into(),
            expected.into(),
            organization.name.as_str().into(),
            organization.currency.as_str().into(),
            organization.time_zone.name().into(),
            organization.locale.as_str().into(),
            organization.updated_at.into(),
            organization.retention.leads_inactive_days.into(),
            organization.retention.submissions_days.into(),
            organization.retention.messages_days.into(),
            organization.retention.events_days.into(),
            organization.retention.audit_days.into(),
            organization.public_url.as_ref().map(url::Url::to_string).into(),
            organization.region.map(|region| region.to_string()).into(),
            organization.from.as_ref().map(to_json).transpose()?.into(),
            to_json(&organization.mailing)?.into(),
        ];
        Ok(execute(&self.conn, UPDATE_ORGANIZATION, values)
            .await
            .map_err(store_error)?
            == 1)
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

    async fn users(
        &self,
        filter: &UserFilter,
        page: &PageRequest<UserSort>,
    ) -> Result<Page<User>, StoreError> {
        people::list(&self.conn, self.organization, filter, page).await
    }

    async fn update_user(&self, user: &User, expected: i32) -> Result<bool, StoreError> {
        let values = [
            self.organization.into(),
            user.id.0.into(),
            expected.into(),
            user.name.as_str().into(),
            user.role.as_str().into(),
            user.status.as_str().into(),
            user.email_verified_at.into(),
            user.updated_at.into(),
            user.client_id.map(|id| id.0).into(),
        ];
        Ok(execute(&self.conn, UPDATE_USER, values)
            .await
            .map_err(store_error)?
            == 1)
    }

    async fn delete_user(&self, id: UserId) -> Result<bool, StoreError> {
        let values = [self.organization.into(), id.0.into()];
        Ok(execute(&self.conn, DELETE_USER, values)
            .await
            .map_err(store_error)?
            == 1)
    }

    async fn people_of_client(&self, client: ClientId) -> Result<i64, StoreError> {
        people::of_client(&self.conn, self.organization, client.0).await
    }

    async fn lock_admins(&self) -> Result<i64, StoreError> {
        people::lock_admins(&self.conn, self.organization).await
    }

    async fn password_hash(&self, id: UserId) -> Result<Option<String>, StoreError> {
        let row = one(&self.conn, users::Entity::find_by_id((self.organization, id.0))).await?;
        Ok(row.map(|row| row.password_hash))
    }

    async fn set_password(&self, id: UserId, hash: &str) -> Result<(), StoreError> {
        let values = [self.organization.into(), id.0.into(), hash.into()];
        execute(&self.conn, SET_PASSWORD, values)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn touch_user(&self, id: UserId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let values = [self.organization.into(), id.0.into(), now.into()];
        execute(&self.conn, TOUCH_USER, values)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn preferences(&self, id: UserId) -> Result<Option<Map<String, Value>>, StoreError> {
        let row = one(&self.conn, users::Entity::find_by_id((self.organization, id.0))).await?;
        row.map(|row| from_json("users.preferences", row.preferences))
            .transpose()
    }

    async fn set_preferences(&self, id: UserId, preferences: &Map<String, Value>) -> Result<(), StoreError> {
        let values = [
            self.organization.into(),
            id.0.into(),
            to_json(preferences)?.into(),
        ];
        execute(&self.conn, SET_PREFERENCES, values)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn insert_one_time(&self, token: &OneTimeToken) -> Result<(), StoreError> {
        let row = convert::one_time_row(self.organization, token);
        let insert = one_time_tokens::Entity::insert(row.into_active_model());
        insert
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn one_time(&self, id: OneTimeTokenId) -> Result<Option<OneTimeToken>, StoreError> {
        let select = one_time_tokens::Entity::find_by_id((self.organization, id.0));
        one(&self.conn, select)
            .await?
            .as_ref()
            .map(convert::one_time)
            .transpose()
    }

    async fn use_one_time(&self, id: OneTimeTokenId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let values = [self.organization.into(), id.0.into(), now.into()];
        Ok(execute(&self.conn, USE_LINK, values).await.map_err(store_error)? == 1)
    }

    async fn end_one_time(
        &self,
        user: UserId,
        purpose: Purpose,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let values = [
            self.organization.into(),
            user.0.into(),
            purpose.as_str().into(),
            now.into(),
        ];
        execute(&self.conn, END_LINKS, values)
            .await
            .map_err(store_error)?;
        Ok(())
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

    async fn sessions(&self, user: UserId, now: DateTime<Utc>) -> Result<Vec<identity::Session>, StoreError> {
        people::sessions(&self.conn, self.organization, user, now).await
    }

    async fn revoke_sessions(
        &self,
        user: UserId,
        but: Option<SessionId>,
        now: DateTime<Utc>,
    ) -> Result<Vec<SessionId>, StoreError> {
        people::revoke_sessions(&self.conn, self.organization, user, but, now).await
    }

    async fn insert_api_key(&self, key: &ApiKeyCredentials) -> Result<(), StoreError> {
        keys::insert(&self.conn, self.organization, key).await
    }

    async fn api_key(&self, user: UserId, id: ApiKeyId) -> Result<Option<ApiKey>, StoreError> {
        keys::get(&self.conn, self.organization, user, id).await
    }

    async fn api_keys(&self, user: UserId) -> Result<Vec<ApiKey>, StoreError> {
        keys::list(&self.conn, self.organization, user).await
    }

    async fn delete_api_key(&self, user: UserId, id: ApiKeyId) -> Result<bool, StoreError> {
        keys::delete(&self.conn, self.organization, user, id).await
    }

    async fn delete_api_keys(&self, user: UserId) -> Result<u64, StoreError> {
        keys::delete_all(&self.conn, self.organization, user).await
    }

    async fn replace_api_key(
        &self,
        user: UserId,
        id: ApiKeyId,
        by: ApiKeyId,
        expires_at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        keys::replace(&self.conn, self.organization, user, (id, by), expires_at).await
    }

    async fn touch_api_key(
        &self,
        id: ApiKeyId,
        now: DateTime<Utc>,
        ip: Option<IpAddr>,
    ) -> Result<(), StoreError> {
        keys::touch(&self.conn, self.organization, id, now, ip).await
    }

    async fn insert_identity_link(&self, link: &IdentityLink) -> Result<(), StoreError> {
        links::insert(&self.conn, self.organization, link).await
    }

    async fn has_identity_link(&self, user: UserId) -> Result<bool, StoreError> {
        links::any(&self.conn, self.organization, user).await
    }

    async fn touch_identity_link(&self, id: IdentityLinkId, now: DateTime<Utc>) -> Result<(), StoreError> {
        links::touch(&self.conn, self.organization, id, now).await
    }
}
