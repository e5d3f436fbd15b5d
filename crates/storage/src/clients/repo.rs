//! The port of clients.

use super::{convert, facts, filter, stats};
use crate::dialect::{self, execute};
use crate::entity::campaigns;
use crate::entity::clients::{self, Column, Entity, Model};
use crate::error::store_error;
use crate::keyset;
use crate::one::{one, one_locked};
use crate::session::Session;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::campaigns::CampaignStatus;
use groundswell_domain::clients::{CampaignFacts, Client, ClientFilter, ClientRepo, ClientSort, ClientStats};
use groundswell_domain::paging::CursorValue;
use groundswell_domain::{CampaignId, ClientId, Page, PageRequest, StoreError};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select,
};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The databases do the rest: foreign keys on PostgreSQL, triggers on SQLite (see the migration).
const DELETE: &str = "DELETE FROM clients WHERE organization_id = $1 AND id = $2";

impl<C> Session<C> {
    fn visible_client(&self, id: ClientId) -> Select<Entity> {
        Entity::find_by_id((self.organization, id.0))
            .apply_if(self.of_client(Column::Id), QueryFilter::filter)
    }
}

#[async_trait]
impl<C: ConnectionTrait + Send> ClientRepo for Session<C> {
    async fn insert(&self, client: &Client) -> Result<(), StoreError> {
        let row = convert::row(self.organization, client)?;
        Entity::insert(row.into_active_model())
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn get(&self, id: ClientId) -> Result<Option<Client>, StoreError> {
        let row = one(&self.conn, self.visible_client(id)).await?;
        row.map(convert::client).transpose()
    }

    async fn get_locked(&self, id: ClientId) -> Result<Option<Client>, StoreError> {
        let row = one_locked(&self.conn, self.visible_client(id)).await?;
        row.map(convert::client).transpose()
    }

    async fn list(
        &self,
        filter: &ClientFilter,
        page: &PageRequest<ClientSort>,
    ) -> Result<Page<Client>, StoreError> {
        let field = page.sort.field;
        let sort = match field {
            ClientSort::CreatedAt => Column::CreatedAt,
            ClientSort::UpdatedAt => Column::UpdatedAt,
            ClientSort::Name => Column::Name,
        };
        let place = |row: &Model| {
            let value = match field {
                ClientSort::CreatedAt => CursorValue::Time(row.created_at),
                ClientSort::UpdatedAt => CursorValue::Time(row.updated_at),
                ClientSort::Name => CursorValue::Text(row.name.clone()),
            };
            (value, row.id)
        };
        let select = Entity::find().filter(filter::condition(self, filter));
        keyset::page(
            &self.conn,
            select,
            (sort, Column::Id),
            page,
            place,
            convert::client,
        )
        .await
    }

    async fn update(&self, client: &Client, expected: i32) -> Result<bool, StoreError> {
        let row = convert::row(self.organization, client)?;
        let mut change = clients::ActiveModel {
            version: ActiveValue::Set(expected + 1),
            ..row.into_active_model().reset_all()
        };
        for column in [Column::OrganizationId, Column::Id, Column::CreatedAt] {
            change.not_set(column);
        }
        let done = Entity::update_many()
            .set(change)
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::Id.eq(client.id.0))
            .filter(Column::Version.eq(expected))
            .exec(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected == 1)
    }

    async fn delete(&self, id: ClientId) -> Result<bool, StoreError> {
        let values = [self.organization.into(), id.0.into()];
        Ok(execute(&self.conn, DELETE, values).await.map_err(store_error)? == 1)
    }

    async fn live_campaigns(&self, id: ClientId) -> Result<Vec<(CampaignId, String)>, StoreError> {
        use campaigns::Column;
        // All of them are read, because a draft that is launched meanwhile must be locked, too.
        let mut query = campaigns::Entity::find()
            .select_only()
            .columns([Column::Id, Column::Name, Column::Status])
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::ClientId.eq(id.0))
            .order_by_asc(Column::Id)
            .into_query();
        dialect::lock_for_update(&self.conn, &mut query);
        let live = [
            CampaignStatus::Scheduled,
            CampaignStatus::Active,
            CampaignStatus::Paused,
        ]
        .map(CampaignStatus::as_str);
        let mut found = Vec::new();
        for row in self.conn.query_all(&query).await.map_err(store_error)? {
            let status: String = row.try_get_by_index(2).map_err(store_error)?;
            if live.contains(&status.as_str()) {
                let id: Uuid = row.try_get_by_index(0).map_err(store_error)?;
                found.push((id.into(), row.try_get_by_index(1).map_err(store_error)?));
            }
        }
        Ok(found)
    }

    async fn campaign_facts(
        &self,
        ids: &[ClientId],
    ) -> Result<BTreeMap<ClientId, CampaignFacts>, StoreError> {
        facts::facts(&self.conn, self.organization, ids).await
    }

    async fn stats(&self, now: DateTime<Utc>) -> Result<ClientStats, StoreError> {
        stats::stats(self, now).await
    }
}
