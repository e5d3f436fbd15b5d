//! The port of mails that came back.

use crate::entity::bounces::{self, Column};
use crate::error::store_error;
use crate::session::Session;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::email::bounce::{BounceKind, BounceRepo, KeptBounce};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryTrait,
};

#[async_trait]
impl<C: ConnectionTrait + Send> BounceRepo for Session<C> {
    async fn keep(&self, bounce: &KeptBounce) -> Result<bool, StoreError> {
        let row = bounces::Model {
            organization_id: self.organization,
            id: bounce.id.0,
            event_key: bounce.event_key.clone(),
            message_id: bounce.message_id.map(|id| id.0),
            address: bounce.address.clone(),
            kind: bounce.kind.as_str().to_owned(),
            reason: bounce.reason.as_str().to_owned(),
            status: bounce.status.clone(),
            diagnostic: bounce.diagnostic.clone(),
            created_at: bounce.created_at,
        };
        let query = bounces::Entity::insert(row.into_active_model())
            .on_conflict(
                OnConflict::columns([Column::OrganizationId, Column::EventKey])
                    .do_nothing()
                    .to_owned(),
            )
            .into_query();
        let done = self.conn.execute(&query).await.map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn count(&self, address: &str, kind: BounceKind, since: DateTime<Utc>) -> Result<u64, StoreError> {
        bounces::Entity::find()
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::Address.eq(address))
            .filter(Column::CreatedAt.gte(since))
            .filter(Column::Kind.eq(kind.as_str()))
            .count(&self.conn)
            .await
            .map_err(store_error)
    }
}
