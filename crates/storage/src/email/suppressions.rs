//! The port of suppressed addresses.

use crate::codec::parse;
use crate::entity::suppressions::{self, Column};
use crate::error::store_error;
use crate::keys::padded;
use crate::keyset;
use crate::one::one;
use crate::session::Session;
use async_trait::async_trait;
use groundswell_domain::email::{Suppression, SuppressionReason, SuppressionRepo, SuppressionSort};
use groundswell_domain::ids::SuppressionId;
use groundswell_domain::paging::CursorValue;
use groundswell_domain::{Page, PageRequest, StoreError};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, QueryTrait,
};

/// Values in one list of keys, below the smaller limit of bound values (32,766, of `SQLite`).
const KEYS: usize = 8_192;

#[async_trait]
impl<C: ConnectionTrait + Send> SuppressionRepo for Session<C> {
    async fn insert(&self, suppression: &Suppression) -> Result<bool, StoreError> {
        let row = suppressions::Model {
            organization_id: self.organization,
            id: suppression.id.0,
            email: suppression
                .email
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
            email_key: suppression.key(),
            reason: suppression.reason.as_str().to_owned(),
            note: suppression.note.clone(),
            created_at: suppression.created_at,
        };
        let query = suppressions::Entity::insert(row.into_active_model())
            .on_conflict(
                OnConflict::columns([Column::OrganizationId, Column::EmailKey])
                    .do_nothing()
                    .to_owned(),
            )
            .into_query();
        Ok(self
            .conn
            .execute(&query)
            .await
            .map_err(store_error)?
            .rows_affected()
            == 1)
    }

    async fn get(&self, id: SuppressionId) -> Result<Option<Suppression>, StoreError> {
        let row = one(
            &self.conn,
            suppressions::Entity::find_by_id((self.organization, id.0)),
        )
        .await?;
        row.map(TryInto::try_into).transpose()
    }

    async fn list(
        &self,
        reason: Option<SuppressionReason>,
        keys: Option<&[String; 2]>,
        page: &PageRequest<SuppressionSort>,
    ) -> Result<Page<Suppression>, StoreError> {
        let column = match page.sort.field {
            SuppressionSort::CreatedAt => Column::CreatedAt,
            SuppressionSort::Email => Column::EmailKey,
        };
        let place = |row: &suppressions::Model| {
            let value = match page.sort.field {
                SuppressionSort::CreatedAt => CursorValue::Time(row.created_at),
                SuppressionSort::Email => CursorValue::Text(row.email_key.clone()),
            };
            (value, row.id)
        };
        let select = suppressions::Entity::find()
            .filter(Column::OrganizationId.eq(self.organization))
            .apply_if(reason, |select, reason| {
                select.filter(Column::Reason.eq(reason.as_str()))
            })
            .apply_if(keys, |select, keys| {
                select.filter(Column::EmailKey.is_in(keys.iter().map(String::as_str)))
            });
        keyset::page(
            &self.conn,
            select,
            (column, Column::Id),
            page,
            place,
            TryInto::try_into,
        )
        .await
    }

    async fn delete(&self, id: SuppressionId) -> Result<bool, StoreError> {
        let done = suppressions::Entity::delete_by_id((self.organization, id.0))
            .exec(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected == 1)
    }

    async fn find(&self, email_keys: &[String]) -> Result<Vec<(String, SuppressionReason)>, StoreError> {
        let mut found = Vec::new();
        for keys in email_keys.chunks(KEYS) {
            let rows: Vec<(String, String)> = suppressions::Entity::find()
                .select_only()
                .columns([Column::EmailKey, Column::Reason])
                .filter(Column::OrganizationId.eq(self.organization))
                .filter(Column::EmailKey.is_in(padded(keys.iter().map(String::as_str))))
                .into_tuple()
                .all(&self.conn)
                .await
                .map_err(store_error)?;
            for (key, reason) in rows {
                found.push((key, parse("suppressions.reason", &reason)?));
            }
        }
        Ok(found)
    }
}
