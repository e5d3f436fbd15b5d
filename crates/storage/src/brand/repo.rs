//! The port of brands.

use crate::codec::{from_json, to_json};
use crate::dialect;
use crate::entity::brands::{Column, Entity, Model};
use crate::error::store_error;
use crate::one::one;
use crate::session::Session;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::brand::{Brand, BrandRepo, OrganizationBrand};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

#[async_trait]
impl<C: ConnectionTrait + Send> BrandRepo for Session<C> {
    async fn get(&self) -> Result<OrganizationBrand, StoreError> {
        let row = one(&self.conn, Entity::find_by_id(self.organization)).await?;
        Ok(match row {
            Some(row) => OrganizationBrand {
                brand: from_json("brands.profile", row.profile)?,
                updated_at: Some(row.updated_at),
                version: row.version,
            },
            None => OrganizationBrand {
                brand: Brand::default(),
                updated_at: None,
                version: 0,
            },
        })
    }

    async fn put(&self, brand: &Brand, expected: i32, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let row = Model {
            organization_id: self.organization,
            profile: to_json(brand)?,
            updated_at: now,
            version: expected + 1,
        };
        if expected == 0 {
            let key = [Column::OrganizationId];
            let added = dialect::insert_new::<Entity>(&self.conn, vec![row], &key, &key).await?;
            return Ok(!added.is_empty());
        }
        let done = Entity::update_many()
            .col_expr(Column::Profile, Expr::value(row.profile))
            .col_expr(Column::UpdatedAt, Expr::value(row.updated_at))
            .col_expr(Column::Version, Expr::value(row.version))
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::Version.eq(expected))
            .exec(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected == 1)
    }
}
