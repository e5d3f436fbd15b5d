//! The port of erasures.

use super::{lead, organization, user};
use crate::codec::{from_json, parse, to_json};
use crate::dialect;
use crate::entity::erasures::{Column, Entity, Model};
use crate::error::store_error;
use crate::keys::padded;
use crate::keyset;
use crate::one::one;
use crate::session::Session;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::identity::User;
use groundswell_domain::paging::CursorValue;
use groundswell_domain::privacy::{Erasure, ErasureRepo, ErasureSort, Touched};
use groundswell_domain::{ErasureId, LeadId, Page, PageRequest, StoreError};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, QueryTrait,
};
use uuid::Uuid;

/// Keys in one list, below the smaller limit of bound values (32,766, of `SQLite`).
const KEYS: usize = 8_192;

// Both halves walk along an index, and are cut before they are put together.
const ADDRESSES: &str = "
SELECT k FROM (SELECT email_key AS k FROM leads
  WHERE organization_id = $1 AND email_key > $2 ORDER BY email_key LIMIT $3) AS of_leads
UNION SELECT k FROM (SELECT DISTINCT to_key AS k FROM email_messages
  WHERE organization_id = $1 AND to_key > $2 ORDER BY to_key LIMIT $3) AS of_mails
ORDER BY 1 LIMIT $3";

#[async_trait]
impl<C: ConnectionTrait + Send> ErasureRepo for Session<C> {
    async fn erase_lead(
        &self,
        lead: Option<LeadId>,
        email_key: &str,
        now: DateTime<Utc>,
    ) -> Result<Vec<Touched>, StoreError> {
        lead::erase(&self.conn, self.organization, lead, email_key, now).await
    }

    async fn erase_user(&self, user: &User, now: DateTime<Utc>) -> Result<Vec<Touched>, StoreError> {
        user::erase(&self.conn, self.organization, user, now).await
    }

    async fn erase_organization(&self, limit: u32) -> Result<u64, StoreError> {
        organization::erase(&self.conn, self.organization, limit).await
    }

    async fn insert(&self, erasure: &Erasure) -> Result<bool, StoreError> {
        let row = Model {
            organization_id: self.organization,
            id: erasure.id.0,
            kind: erasure.kind.as_str().to_owned(),
            subject_id: erasure.subject_id,
            subject_hash: erasure.subject_hash.clone(),
            stores: to_json(&erasure.stores)?,
            requested_by: erasure.requested_by.map(Into::into),
            created_at: erasure.created_at,
        };
        let known = OnConflict::columns([Column::OrganizationId, Column::Id])
            .do_nothing()
            .to_owned();
        let query = Entity::insert(row.into_active_model())
            .on_conflict(known)
            .into_query();
        let done = self.conn.execute(&query).await.map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn get(&self, id: ErasureId) -> Result<Option<Erasure>, StoreError> {
        let row = one(&self.conn, Entity::find_by_id((self.organization, id.0))).await?;
        row.map(erasure).transpose()
    }

    async fn list(&self, page: &PageRequest<ErasureSort>) -> Result<Page<Erasure>, StoreError> {
        let select = Entity::find().filter(Column::OrganizationId.eq(self.organization));
        let sort = match page.sort.field {
            ErasureSort::CreatedAt => Column::CreatedAt,
        };
        let place = |row: &Model| (CursorValue::Time(row.created_at), row.id);
        keyset::page(&self.conn, select, (sort, Column::Id), page, place, erasure).await
    }

    async fn known(&self, ids: &[ErasureId]) -> Result<Vec<ErasureId>, StoreError> {
        let mut known = Vec::new();
        for ids in ids.chunks(KEYS) {
            let found: Vec<Uuid> = Entity::find()
                .select_only()
                .column(Column::Id)
                .filter(Column::OrganizationId.eq(self.organization))
                .filter(Column::Id.is_in(padded(ids.iter().map(|id| id.0))))
                .into_tuple()
                .all(&self.conn)
                .await
                .map_err(store_error)?;
            known.extend(found.into_iter().map(ErasureId));
        }
        Ok(known)
    }

    async fn addresses(&self, after: &str, limit: u32) -> Result<Vec<String>, StoreError> {
        let values = [self.organization.into(), after.into(), i64::from(limit).into()];
        let rows = self
            .conn
            .query_all_raw(dialect::statement(&self.conn, ADDRESSES, values))
            .await
            .map_err(store_error)?;
        rows.iter()
            .map(|row| row.try_get_by_index(0).map_err(store_error))
            .collect()
    }
}

fn erasure(row: Model) -> Result<Erasure, StoreError> {
    Ok(Erasure {
        id: row.id.into(),
        kind: parse("erasures.kind", &row.kind)?,
        subject_id: row.subject_id,
        subject_hash: row.subject_hash,
        stores: from_json("erasures.stores", row.stores)?,
        requested_by: row.requested_by.map(Into::into),
        created_at: row.created_at,
    })
}
