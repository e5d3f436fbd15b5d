//! One organization's audit log.

use super::convert;
use crate::entity::audit_log::{Column, Entity, Model};
use crate::error::store_error;
use crate::keyset;
use crate::session::Session;
use async_trait::async_trait;
use groundswell_domain::audit::{AuditEntry, AuditFilter, AuditRepo, AuditSort};
use groundswell_domain::paging::CursorValue;
use groundswell_domain::{Page, PageRequest, StoreError};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryTrait};

#[async_trait]
impl<C: ConnectionTrait + Send> AuditRepo for Session<C> {
    async fn append(&self, entries: &[AuditEntry]) -> Result<(), StoreError> {
        if entries.is_empty() {
            return Ok(());
        }
        let rows = entries
            .iter()
            .map(|entry| convert::row(self.organization, entry).into_active_model());
        let known = OnConflict::columns([Column::OrganizationId, Column::Id])
            .do_nothing()
            .to_owned();
        let query = Entity::insert_many(rows).on_conflict(known).into_query();
        self.conn.execute(&query).await.map_err(store_error)?;
        Ok(())
    }

    async fn list(
        &self,
        filter: &AuditFilter,
        page: &PageRequest<AuditSort>,
    ) -> Result<Page<AuditEntry>, StoreError> {
        let select = Entity::find()
            .filter(Column::OrganizationId.eq(self.organization))
            .apply_if(filter.action, |select, action| {
                select.filter(Column::Action.eq(action.as_str()))
            })
            .apply_if(filter.user, |select, user| {
                select.filter(Column::ActorUserId.eq(user.0))
            })
            .apply_if(filter.target_type, |select, kind| {
                select.filter(Column::TargetType.eq(kind.as_str()))
            })
            .apply_if(filter.target_id, |select, id| {
                select.filter(Column::TargetId.eq(id))
            })
            .apply_if(filter.ip, |select, ip| {
                select.filter(Column::Ip.eq(ip.to_string()))
            })
            .apply_if(filter.since, |select, since| {
                select.filter(Column::CreatedAt.gte(since))
            })
            .apply_if(filter.until, |select, until| {
                select.filter(Column::CreatedAt.lt(until))
            });
        let sort = match page.sort.field {
            AuditSort::CreatedAt => Column::CreatedAt,
        };
        let place = |row: &Model| (CursorValue::Time(row.created_at), row.id);
        keyset::page(
            &self.conn,
            select,
            (sort, Column::Id),
            page,
            place,
            convert::entry,
        )
        .await
    }
}
