//! All organizations of the installation.

use super::convert;
use crate::dialect::contains;
use crate::entity::organizations::{Column, Entity, Model};
use crate::keyset;
use crate::store::SeaStore;
use async_trait::async_trait;
use groundswell_domain::identity::{
    Organization, OrganizationDirectory, OrganizationFilter, OrganizationSort,
};
use groundswell_domain::paging::CursorValue;
use groundswell_domain::{Page, PageRequest, StoreError};
use sea_orm::{EntityTrait, QueryFilter, QueryTrait};

#[async_trait]
impl OrganizationDirectory for SeaStore {
    async fn organizations(
        &self,
        filter: &OrganizationFilter,
        page: &PageRequest<OrganizationSort>,
    ) -> Result<Page<Organization>, StoreError> {
        let OrganizationFilter { name } = filter;
        let select = Entity::find().apply_if(name.as_ref(), |select, part| {
            select.filter(contains(&self.reader, Column::Name, part))
        });
        let field = page.sort.field;
        let sort = match field {
            OrganizationSort::CreatedAt => Column::CreatedAt,
            OrganizationSort::Name => Column::Name,
        };
        let place = |row: &Model| {
            let value = match field {
                OrganizationSort::CreatedAt => CursorValue::Time(row.created_at),
                OrganizationSort::Name => CursorValue::Text(row.name.clone()),
            };
            (value, row.id)
        };
        keyset::page(
            &self.reader,
            select,
            (sort, Column::Id),
            page,
            place,
            convert::organization,
        )
        .await
    }
}
