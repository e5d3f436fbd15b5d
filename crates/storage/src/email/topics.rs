//! The port of topics, and of who left them.

use crate::dialect;
use crate::entity::{email_topic_leaves as leaves, email_topics as topics};
use crate::error::store_error;
use crate::keys::padded;
use crate::keyset;
use crate::one::{one, one_locked};
use crate::session::Session;
use async_trait::async_trait;
use groundswell_domain::email::{
    EmailAddress, Topic, TopicFilter, TopicLeave, TopicLeaveSort, TopicRepo, TopicSort, TopicUses,
};
use groundswell_domain::ids::{ClientId, TopicId, TopicLeaveId};
use groundswell_domain::paging::CursorValue;
use groundswell_domain::{Page, PageRequest, StoreError};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use topics::{Column, Entity, Model};
use uuid::Uuid;

/// Values in one list of keys, below the smaller limit of bound values (32,766, of `SQLite`).
const KEYS: usize = 8_192;

const USES: &str = "SELECT EXISTS (SELECT 1 FROM campaigns WHERE organization_id = $1 AND topic_id = $2), \
    EXISTS (SELECT 1 FROM sequences WHERE organization_id = $1 AND topic_id = $2), \
    EXISTS (SELECT 1 FROM email_topic_leaves WHERE organization_id = $1 AND topic_id = $2)";

impl Model {
    fn of(organization: Uuid, topic: &Topic) -> Self {
        Self {
            organization_id: organization,
            id: topic.id.0,
            name: topic.name.clone(),
            description: topic.description.clone(),
            client_id: topic.client_id.map(Into::into),
            archived: topic.archived,
            created_at: topic.created_at,
            updated_at: topic.updated_at,
            version: topic.version,
        }
    }
}

impl From<Model> for Topic {
    fn from(row: Model) -> Self {
        Self {
            id: row.id.into(),
            name: row.name,
            description: row.description,
            client_id: row.client_id.map(Into::into),
            archived: row.archived,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        }
    }
}

fn leave_of(row: leaves::Model) -> TopicLeave {
    TopicLeave {
        id: row.id.into(),
        topic_id: row.topic_id.into(),
        email: EmailAddress::from_trusted(row.email),
        message_id: row.message_id.map(Into::into),
        created_at: row.created_at,
    }
}

#[async_trait]
impl<C: ConnectionTrait + Send> TopicRepo for Session<C> {
    async fn insert(&self, topic: &Topic) -> Result<(), StoreError> {
        Entity::insert(Model::of(self.organization, topic).into_active_model())
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn get(&self, id: TopicId) -> Result<Option<Topic>, StoreError> {
        let row = one(&self.conn, Entity::find_by_id((self.organization, id.0))).await?;
        Ok(row.map(Into::into))
    }

    async fn get_locked(&self, id: TopicId) -> Result<Option<Topic>, StoreError> {
        let row = one_locked(&self.conn, Entity::find_by_id((self.organization, id.0))).await?;
        Ok(row.map(Into::into))
    }

    async fn list(
        &self,
        filter: &TopicFilter,
        page: &PageRequest<TopicSort>,
    ) -> Result<Page<Topic>, StoreError> {
        let column = match page.sort.field {
            TopicSort::CreatedAt => Column::CreatedAt,
            TopicSort::Name => Column::Name,
        };
        let place = |row: &Model| {
            let value = match page.sort.field {
                TopicSort::CreatedAt => CursorValue::Time(row.created_at),
                TopicSort::Name => CursorValue::Text(row.name.clone()),
            };
            (value, row.id)
        };
        let select = Entity::find()
            .filter(Column::OrganizationId.eq(self.organization))
            .apply_if(filter.client_id, |select, client| {
                select.filter(Column::ClientId.eq(client.0))
            })
            .apply_if(filter.archived, |select, archived| {
                select.filter(Column::Archived.eq(archived))
            });
        keyset::page(&self.conn, select, (column, Column::Id), page, place, |row| {
            Ok(row.into())
        })
        .await
    }

    async fn count(&self) -> Result<u64, StoreError> {
        Entity::find()
            .filter(Column::OrganizationId.eq(self.organization))
            .count(&self.conn)
            .await
            .map_err(store_error)
    }

    async fn offered(&self, clients: &[ClientId]) -> Result<Vec<Topic>, StoreError> {
        let whose = Condition::any()
            .add(Column::ClientId.is_null())
            .add(Column::ClientId.is_in(clients.iter().map(|client| client.0)));
        let rows = Entity::find()
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::Archived.eq(false))
            .filter(whose)
            .order_by_asc(Column::Name)
            .order_by_asc(Column::Id)
            .all(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn update(&self, topic: &Topic, expected: i32) -> Result<bool, StoreError> {
        let row = Model::of(self.organization, topic);
        let mut change = topics::ActiveModel {
            version: ActiveValue::Set(expected + 1),
            ..row.into_active_model().reset_all()
        };
        for column in [Column::OrganizationId, Column::Id, Column::CreatedAt] {
            change.not_set(column);
        }
        let done = Entity::update_many()
            .set(change)
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::Id.eq(topic.id.0))
            .filter(Column::Version.eq(expected))
            .exec(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected == 1)
    }

    async fn uses(&self, id: TopicId) -> Result<TopicUses, StoreError> {
        let values = [self.organization.into(), id.0.into()];
        let row = self
            .conn
            .query_one_raw(dialect::statement(&self.conn, USES, values))
            .await
            .map_err(store_error)?;
        let Some(row) = row else {
            return Ok(TopicUses::default());
        };
        let (campaigns, sequences, leaves) = row.try_get_many_by_index().map_err(store_error)?;
        Ok(TopicUses {
            campaigns,
            sequences,
            leaves,
        })
    }

    async fn delete(&self, id: TopicId) -> Result<bool, StoreError> {
        let done = Entity::delete_by_id((self.organization, id.0))
            .exec(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected == 1)
    }

    async fn leave(&self, leave: &TopicLeave) -> Result<bool, StoreError> {
        use leaves::Column;
        let row = leaves::Model {
            organization_id: self.organization,
            id: leave.id.0,
            topic_id: leave.topic_id.0,
            email: leave.email.to_string(),
            email_key: leave.email.key(),
            message_id: leave.message_id.map(Into::into),
            created_at: leave.created_at,
        };
        let mut once = OnConflict::columns([Column::OrganizationId, Column::EmailKey, Column::TopicId]);
        let query = leaves::Entity::insert(row.into_active_model())
            .on_conflict(once.do_nothing().to_owned())
            .into_query();
        let done = self.conn.execute(&query).await.map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn join(&self, id: TopicId, email_key: &str) -> Result<bool, StoreError> {
        use leaves::Column;
        let done = leaves::Entity::delete_many()
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::EmailKey.eq(email_key))
            .filter(Column::TopicId.eq(id.0))
            .exec(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected == 1)
    }

    async fn left(
        &self,
        email_keys: &[String],
        topics: &[TopicId],
    ) -> Result<Vec<(String, TopicId)>, StoreError> {
        use leaves::Column;
        let mut found = Vec::new();
        if topics.is_empty() {
            return Ok(found);
        }
        for keys in email_keys.chunks(KEYS) {
            let rows: Vec<(String, Uuid)> = leaves::Entity::find()
                .select_only()
                .columns([Column::EmailKey, Column::TopicId])
                .filter(Column::OrganizationId.eq(self.organization))
                .filter(Column::EmailKey.is_in(padded(keys.iter().map(String::as_str))))
                .filter(Column::TopicId.is_in(padded(topics.iter().map(|topic| topic.0))))
                .into_tuple()
                .all(&self.conn)
                .await
                .map_err(store_error)?;
            found.extend(rows.into_iter().map(|(key, topic)| (key, topic.into())));
        }
        Ok(found)
    }

    async fn left_by(&self, email_keys: &[String]) -> Result<Vec<TopicLeave>, StoreError> {
        use leaves::Column;
        let rows = leaves::Entity::find()
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::EmailKey.is_in(padded(email_keys.iter().map(String::as_str))))
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id)
            .all(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(leave_of).collect())
    }

    async fn leaves(
        &self,
        id: TopicId,
        email_key: Option<&str>,
        page: &PageRequest<TopicLeaveSort>,
    ) -> Result<Page<TopicLeave>, StoreError> {
        use leaves::Column;
        let place = |row: &leaves::Model| (CursorValue::Time(row.created_at), row.id);
        let select = leaves::Entity::find()
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::TopicId.eq(id.0))
            .apply_if(email_key, |select, key| select.filter(Column::EmailKey.eq(key)));
        let columns = match page.sort.field {
            TopicLeaveSort::CreatedAt => (Column::CreatedAt, Column::Id),
        };
        keyset::page(&self.conn, select, columns, page, place, |row| Ok(leave_of(row))).await
    }

    async fn take_back(&self, ids: &[TopicLeaveId]) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        take_back(&self.conn, self.organization, &ids).await
    }
}

/// Leaves that came with a merge go with it.
pub(crate) async fn take_back(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    ids: &[Uuid],
) -> Result<(), StoreError> {
    use leaves::Column;
    if ids.is_empty() {
        return Ok(());
    }
    leaves::Entity::delete_many()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Id.is_in(ids.iter().copied()))
        .exec(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}
