//! The port of data keys.

use super::convert;
use crate::dialect::execute;
use crate::entity::{data_keys, secrets};
use crate::error::store_error;
use crate::session::Session;
use async_trait::async_trait;
use groundswell_domain::secrets::{DataKey, DataKeyRepo, Resealed, Stored, WrappedKey};
use groundswell_domain::{SecretId, StoreError};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
    RelationTrait,
};

// Under one key, so that whoever comes second waits for the first and then finds the row.
const ADD: &str = "INSERT INTO data_keys (organization_id, version, master, bytes, created_at) \
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (organization_id, version) DO NOTHING";
const REWRAP: &str = "UPDATE data_keys SET master = $5, bytes = $6 \
    WHERE organization_id = $1 AND version = $2 AND master = $3 AND bytes = $4";
const DELETE_UNUSED: &str = "DELETE FROM data_keys WHERE organization_id = $1 AND version < $2 AND NOT EXISTS \
    (SELECT 1 FROM secrets WHERE secrets.organization_id = data_keys.organization_id \
    AND secrets.key_version = data_keys.version)";
const RESEAL: &str = "UPDATE secrets SET sealed = $5, key_version = $6 \
    WHERE organization_id = $1 AND id = $2 AND version = $3 AND key_version = $4";

#[async_trait]
impl<C: ConnectionTrait + Send> DataKeyRepo for Session<C> {
    async fn keys(&self) -> Result<Vec<DataKey>, StoreError> {
        let rows = data_keys::Entity::find()
            .filter(data_keys::Column::OrganizationId.eq(self.organization))
            .order_by_asc(data_keys::Column::Version)
            .all(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(convert::data_key).collect())
    }

    async fn add_key(&self, key: &DataKey) -> Result<bool, StoreError> {
        let values = [
            self.organization.into(),
            key.key.version.into(),
            key.key.master.as_str().into(),
            key.key.bytes.clone().into(),
            key.created_at.into(),
        ];
        Ok(execute(&self.conn, ADD, values).await.map_err(store_error)? == 1)
    }

    async fn rewrap_key(&self, old: &WrappedKey, new: &WrappedKey) -> Result<bool, StoreError> {
        let values = [
            self.organization.into(),
            old.version.into(),
            old.master.as_str().into(),
            old.bytes.clone().into(),
            new.master.as_str().into(),
            new.bytes.clone().into(),
        ];
        Ok(execute(&self.conn, REWRAP, values).await.map_err(store_error)? == 1)
    }

    async fn delete_unused_keys(&self, below: i32) -> Result<u64, StoreError> {
        let values = [self.organization.into(), below.into()];
        execute(&self.conn, DELETE_UNUSED, values)
            .await
            .map_err(store_error)
    }

    async fn sealed(
        &self,
        below: Option<i32>,
        after: Option<SecretId>,
        limit: u32,
    ) -> Result<Vec<Stored>, StoreError> {
        let condition = Condition::all()
            .add(secrets::Column::OrganizationId.eq(self.organization))
            .add_option(below.map(|version| secrets::Column::KeyVersion.lt(version)))
            .add_option(after.map(|id| secrets::Column::Id.gt(id.0)));
        let rows = secrets::Entity::find()
            .filter(condition)
            .join(JoinType::InnerJoin, secrets::Relation::Key.def())
            .select_also(data_keys::Entity)
            .order_by_asc(secrets::Column::Id)
            .limit(u64::from(limit))
            .all(&self.conn)
            .await
            .map_err(store_error)?;
        rows.into_iter()
            .filter_map(|(row, key)| key.map(|key| convert::stored(row, key)))
            .collect()
    }

    async fn reseal(&self, all: &[Resealed]) -> Result<u64, StoreError> {
        let mut done = 0;
        for one in all {
            let values = [
                self.organization.into(),
                one.id.0.into(),
                one.version.into(),
                one.from.into(),
                one.sealed.bytes.clone().into(),
                one.sealed.key_version.into(),
            ];
            done += execute(&self.conn, RESEAL, values).await.map_err(store_error)?;
        }
        Ok(done)
    }
}
