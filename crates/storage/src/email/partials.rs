//! The port of partials.

use crate::codec::parse;
use crate::entity::email_partials::{ActiveModel, Column, Entity, Model};
use crate::error::store_error;
use crate::keyset;
use crate::one::one;
use crate::session::Session;
use async_trait::async_trait;
use groundswell_domain::email::{PartialRepo, PartialSort, TemplatePartial};
use groundswell_domain::ids::TemplatePartialId;
use groundswell_domain::paging::CursorValue;
use groundswell_domain::{Page, PageRequest, StoreError};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
};
use uuid::Uuid;

impl Model {
    fn of(organization: Uuid, partial: &TemplatePartial) -> Self {
        Self {
            organization_id: organization,
            id: partial.id.0,
            name: partial.name.clone(),
            format: partial.format.as_str().to_owned(),
            html: partial.html.clone(),
            created_at: partial.created_at,
            updated_at: partial.updated_at,
            version: partial.version,
        }
    }
}

impl TryFrom<Model> for TemplatePartial {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            name: row.name,
            format: parse("email_partials.format", &row.format)?,
            html: row.html,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        })
    }
}

#[async_trait]
impl<C: ConnectionTrait + Send> PartialRepo for Session<C> {
    async fn insert(&self, partial: &TemplatePartial) -> Result<(), StoreError> {
        Entity::insert(Model::of(self.organization, partial).into_active_model())
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn get(&self, id: TemplatePartialId) -> Result<Option<TemplatePartial>, StoreError> {
        let row = one(&self.conn, Entity::find_by_id((self.organization, id.0))).await?;
        row.map(TryInto::try_into).transpose()
    }

    async fn by_names(&self, names: &[String]) -> Result<Vec<TemplatePartial>, StoreError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let rows = Entity::find()
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::Name.is_in(names))
            .all(&self.conn)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    async fn list(&self, page: &PageRequest<PartialSort>) -> Result<Page<TemplatePartial>, StoreError> {
        let column = match page.sort.field {
            PartialSort::CreatedAt => Column::CreatedAt,
            PartialSort::Name => Column::Name,
        };
        let place = |row: &Model| {
            let value = match page.sort.field {
                PartialSort::CreatedAt => CursorValue::Time(row.created_at),
                PartialSort::Name => CursorValue::Text(row.name.clone()),
            };
            (value, row.id)
        };
        let select = Entity::find().filter(Column::OrganizationId.eq(self.organization));
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

    async fn update(&self, partial: &TemplatePartial, expected: i32) -> Result<bool, StoreError> {
        let row = Model::of(self.organization, partial);
        let mut change = ActiveModel {
            version: ActiveValue::Set(expected + 1),
            ..row.into_active_model().reset_all()
        };
        for column in [Column::OrganizationId, Column::Id, Column::CreatedAt] {
            change.not_set(column);
        }
        let done = Entity::update_many()
            .set(change)
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::Id.eq(partial.id.0))
            .filter(Column::Version.eq(expected))
            .exec(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected == 1)
    }

    async fn delete(&self, id: TemplatePartialId) -> Result<bool, StoreError> {
        let done = Entity::delete_by_id((self.organization, id.0))
            .exec(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected == 1)
    }
}
