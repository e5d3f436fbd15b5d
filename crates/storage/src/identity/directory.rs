//! Look-ups that come before the organization is known, each through an index that is unique in the installation.

use super::{convert, links};
use crate::codec::parse;
use crate::entity::{api_keys, clients, one_time_tokens, sessions, users};
use crate::error::store_error;
use crate::one::one;
use crate::store::SeaStore;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::clients::ClientStatus;
use groundswell_domain::identity::{
    ApiKeyCredentials, Credentials, IdentityDirectory, Linked, OneTimeToken, Session, Standing, UserStatus,
};
use groundswell_domain::{OneTimeTokenId, OrganizationId, SessionId, StoreError};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, RelationTrait};

#[async_trait]
impl IdentityDirectory for SeaStore {
    async fn credentials(&self, email_key: &str) -> Result<Option<Credentials>, StoreError> {
        let select = users::Entity::find().filter(users::Column::EmailKey.eq(email_key));
        let Some(row) = one(&self.reader, select).await? else {
            return Ok(None);
        };
        let password_hash = row.password_hash.clone();
        Ok(Some(Credentials {
            user: convert::user(row)?,
            password_hash,
        }))
    }

    async fn session(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        let select = sessions::Entity::find().filter(sessions::Column::Id.eq(id.0));
        Ok(one(&self.reader, select).await?.map(convert::session))
    }

    async fn standing(&self, id: SessionId, now: DateTime<Utc>) -> Result<Option<Standing>, StoreError> {
        let found = sessions::Entity::find()
            .filter(sessions::Column::Id.eq(id.0))
            .join(sea_orm::JoinType::InnerJoin, sessions::Relation::Owner.def())
            .filter(users::Column::Status.eq(UserStatus::Active.as_str()))
            .select_also(users::Entity)
            .one(&self.reader)
            .await
            .map_err(store_error)?;
        let Some((session, Some(user))) = found else {
            return Ok(None);
        };
        let standing = Standing {
            user: user.id.into(),
            role: parse("users.role", &user.role)?,
            client: user.client_id.map(Into::into),
        };
        Ok(convert::session(session).is_alive(now).then_some(standing))
    }

    async fn one_time(
        &self,
        id: OneTimeTokenId,
    ) -> Result<Option<(OrganizationId, OneTimeToken)>, StoreError> {
        let select = one_time_tokens::Entity::find().filter(one_time_tokens::Column::Id.eq(id.0));
        let row = one(&self.reader, select).await?;
        row.map(|row| Ok((row.organization_id.into(), convert::one_time(&row)?)))
            .transpose()
    }

    async fn api_key(
        &self,
        prefix: &str,
    ) -> Result<Option<(OrganizationId, Standing, ApiKeyCredentials)>, StoreError> {
        let found = api_keys::Entity::find()
            .filter(api_keys::Column::Prefix.eq(prefix))
            .join(sea_orm::JoinType::InnerJoin, api_keys::Relation::Owner.def())
            .join(sea_orm::JoinType::LeftJoin, api_keys::Relation::Client.def())
            .filter(users::Column::Status.eq(UserStatus::Active.as_str()))
            .filter(
                Condition::any()
                    .add(api_keys::Column::ClientId.is_null())
                    .add(clients::Column::Status.ne(ClientStatus::Inactive.as_str())),
            )
            .select_also(users::Entity)
            .one(&self.reader)
            .await
            .map_err(store_error)?;
        let Some((key, Some(owner))) = found else {
            return Ok(None);
        };
        let organization = OrganizationId(key.organization_id);
        Ok(Some((
            organization,
            Standing {
                user: owner.id.into(),
                role: parse("users.role", &owner.role)?,
                client: owner.client_id.map(Into::into),
            },
            convert::api_key(key)?,
        )))
    }

    async fn linked(&self, issuer: &str, subject: &str) -> Result<Option<Linked>, StoreError> {
        links::find(&self.reader, issuer, subject).await
    }
}
