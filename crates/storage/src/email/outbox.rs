//! The outbox: mails that are kept instead of delivered. It belongs to the installation, not to one organization.

use crate::entity::outbox_mails::{self, Column};
use crate::error::store_error;
use crate::one::one;
use crate::store::SeaStore;
use async_trait::async_trait;
use groundswell_domain::StoreError;
use groundswell_domain::email::{Outbox, OutboxMail};
use groundswell_domain::ids::MessageId;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};

#[async_trait]
impl Outbox for SeaStore {
    async fn put(&self, mail: &OutboxMail) -> Result<(), StoreError> {
        let row = outbox_mails::Model {
            organization_id: mail.organization_id.0,
            id: mail.id.0,
            from: mail.from.clone(),
            to: mail.to.clone(),
            subject: mail.subject.clone(),
            html: mail.html.clone(),
            text: mail.text.clone(),
            headers: mail.headers.clone(),
            created_at: mail.created_at,
        };
        let query = outbox_mails::Entity::insert(row.into_active_model())
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .into_query();
        self.writer.execute(&query).await.map_err(store_error)?;
        Ok(())
    }

    async fn latest(&self, before: Option<MessageId>, limit: u32) -> Result<Vec<OutboxMail>, StoreError> {
        let rows = outbox_mails::Entity::find()
            .apply_if(before, |select, id| select.filter(Column::Id.lt(id.0)))
            .order_by_desc(Column::Id)
            .limit(u64::from(limit))
            .all(&self.reader)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn mail(&self, id: MessageId) -> Result<Option<OutboxMail>, StoreError> {
        let row = one(
            &self.reader,
            outbox_mails::Entity::find().filter(Column::Id.eq(id.0)),
        )
        .await?;
        Ok(row.map(Into::into))
    }
}

impl From<outbox_mails::Model> for OutboxMail {
    fn from(row: outbox_mails::Model) -> Self {
        Self {
            id: row.id.into(),
            organization_id: row.organization_id.into(),
            from: row.from,
            to: row.to,
            subject: row.subject,
            html: row.html,
            text: row.text,
            headers: row.headers,
            created_at: row.created_at,
        }
    }
}
