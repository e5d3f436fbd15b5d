//! Files with people's data, in pieces.

use super::export_parts;
use crate::dialect::execute;
use crate::entity::{data_export_chunks, data_exports};
use crate::error::store_error;
use crate::one::one;
use crate::session::Session;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::identity::User;
use groundswell_domain::privacy::{DataExport, ExportPart, ExportRepo};
use groundswell_domain::{ExportId, StoreError, UserId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::Value;
use uuid::Uuid;

const COMPLETE: &str =
    "UPDATE data_exports SET build_id = $3, expires_at = $4 WHERE organization_id = $1 AND id = $2";

#[async_trait]
impl<C: ConnectionTrait + Send> ExportRepo for Session<C> {
    async fn of(&self, user: UserId) -> Result<Option<DataExport>, StoreError> {
        use data_exports::Column;
        let select = data_exports::Entity::find()
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::UserId.eq(user.0));
        let row = one(&self.conn, select).await?;
        Ok(row.map(|row| DataExport {
            id: row.id.into(),
            user_id: row.user_id.into(),
            job_id: row.job_id.into(),
            created_at: row.created_at,
            build: row.build_id,
            expires_at: row.expires_at,
        }))
    }

    async fn insert(&self, export: &DataExport) -> Result<(), StoreError> {
        let row = data_exports::Model {
            organization_id: self.organization,
            id: export.id.0,
            user_id: export.user_id.0,
            job_id: export.job_id.0,
            build_id: export.build,
            created_at: export.created_at,
            expires_at: export.expires_at,
        };
        data_exports::Entity::insert(row.into_active_model())
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn delete(&self, id: ExportId) -> Result<bool, StoreError> {
        let done = data_exports::Entity::delete_by_id((self.organization, id.0))
            .exec(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected == 1)
    }

    async fn add_piece(
        &self,
        id: ExportId,
        build: Uuid,
        number: i32,
        content: &[u8],
    ) -> Result<(), StoreError> {
        let row = data_export_chunks::Model {
            organization_id: self.organization,
            export_id: id.0,
            build_id: build,
            number,
            content: content.to_vec(),
        };
        data_export_chunks::Entity::insert(row.into_active_model())
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn complete(
        &self,
        id: ExportId,
        build: Uuid,
        expires_at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let values = [
            self.organization.into(),
            id.0.into(),
            build.into(),
            expires_at.into(),
        ];
        Ok(execute(&self.conn, COMPLETE, values).await.map_err(store_error)? == 1)
    }

    async fn piece(&self, id: ExportId, build: Uuid, number: i32) -> Result<Option<Vec<u8>>, StoreError> {
        let key = (self.organization, id.0, build, number);
        let row = one(&self.conn, data_export_chunks::Entity::find_by_id(key)).await?;
        Ok(row.map(|row| row.content))
    }

    async fn page(
        &self,
        user: &User,
        part: ExportPart,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<(Vec<Value>, Option<Uuid>), StoreError> {
        export_parts::page(&self.conn, self.organization, user, part, after, limit).await
    }
}
