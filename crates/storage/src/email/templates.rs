//! The port of templates.

use super::versions;
use crate::entity::email_templates::{self, Column};
use crate::error::store_error;
use crate::keyset;
use crate::one::one;
use crate::session::Session;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::email::{
    Template, TemplateRepo, TemplateSort, TemplateVersion, VersionInfo, VersionSort,
};
use groundswell_domain::ids::{TemplateId, UserId};
use groundswell_domain::paging::CursorValue;
use groundswell_domain::{Page, PageRequest, StoreError};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryTrait,
};

#[async_trait]
impl<C: ConnectionTrait + Send> TemplateRepo for Session<C> {
    async fn insert(&self, template: &Template) -> Result<(), StoreError> {
        let row = email_templates::Model::of(self.organization, template)?;
        email_templates::Entity::insert(row.into_active_model())
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn get(&self, id: TemplateId) -> Result<Option<Template>, StoreError> {
        let row = one(
            &self.conn,
            email_templates::Entity::find_by_id((self.organization, id.0)),
        )
        .await?;
        row.map(TryInto::try_into).transpose()
    }

    async fn list(
        &self,
        category: Option<&str>,
        page: &PageRequest<TemplateSort>,
    ) -> Result<Page<Template>, StoreError> {
        let column = match page.sort.field {
            TemplateSort::CreatedAt => Column::CreatedAt,
            TemplateSort::UpdatedAt => Column::UpdatedAt,
            TemplateSort::Name => Column::Name,
        };
        let place = |row: &email_templates::Model| {
            let value = match page.sort.field {
                TemplateSort::CreatedAt => CursorValue::Time(row.created_at),
                TemplateSort::UpdatedAt => CursorValue::Time(row.updated_at),
                TemplateSort::Name => CursorValue::Text(row.name.clone()),
            };
            (value, row.id)
        };
        let select = email_templates::Entity::find()
            .filter(Column::OrganizationId.eq(self.organization))
            .apply_if(category, |select, category| {
                select.filter(Column::Category.eq(category))
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

    async fn update(&self, template: &Template, expected: i32) -> Result<bool, StoreError> {
        let row = email_templates::Model::of(self.organization, template)?;
        let mut change = email_templates::ActiveModel {
            version: ActiveValue::Set(expected + 1),
            ..row.into_active_model().reset_all()
        };
        for column in [Column::OrganizationId, Column::Id, Column::CreatedAt] {
            change.not_set(column);
        }
        let done = email_templates::Entity::update_many()
            .set(change)
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::Id.eq(template.id.0))
            .filter(Column::Version.eq(expected))
            .exec(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected == 1)
    }

    async fn delete(&self, id: TemplateId) -> Result<bool, StoreError> {
        let done = email_templates::Entity::delete_by_id((self.organization, id.0))
            .exec(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected == 1)
    }

    async fn insert_version(&self, version: &TemplateVersion) -> Result<(), StoreError> {
        versions::insert(&self.conn, self.organization, version).await
    }

    async fn version(&self, id: TemplateId, number: i32) -> Result<Option<TemplateVersion>, StoreError> {
        versions::get(&self.conn, self.organization, id, number).await
    }

    async fn live(&self, id: TemplateId) -> Result<Option<TemplateVersion>, StoreError> {
        versions::live(&self.conn, self.organization, id).await
    }

    async fn versions(
        &self,
        id: TemplateId,
        page: &PageRequest<VersionSort>,
    ) -> Result<Page<VersionInfo>, StoreError> {
        versions::list(&self.conn, self.organization, id, page).await
    }

    async fn mark_published(
        &self,
        id: TemplateId,
        number: i32,
        at: DateTime<Utc>,
        by: Option<UserId>,
    ) -> Result<(), StoreError> {
        versions::mark_published(&self.conn, self.organization, id, number, at, by).await
    }

    async fn forget_drafts(&self, id: TemplateId, below: i32) -> Result<u64, StoreError> {
        versions::forget_drafts(&self.conn, self.organization, id, below).await
    }
}
