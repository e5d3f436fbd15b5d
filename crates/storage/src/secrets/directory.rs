//! Keys across organizations, and what is known about the installation.

use crate::codec::parse;
use crate::dialect;
use crate::entity::data_keys::{Column, Entity};
use crate::error::store_error;
use crate::installation::written;
use crate::store::SeaStore;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::secrets::{Census, KeyDirectory};
use groundswell_domain::{OrganizationId, StoreError};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Value,
};

const CHECK: &str = "key_check";
const PSEUDONYMS: &str = "pseudonym_key";
const ROTATION: &str = "rotation";

const SECRETS: &str = "SELECT COUNT(*) FROM secrets";
const WAITING: &str = "SELECT COUNT(*) FROM secrets JOIN data_keys \
    ON data_keys.organization_id = secrets.organization_id AND data_keys.version = secrets.key_version \
    WHERE data_keys.created_at < $1";

impl SeaStore {
    async fn count<const N: usize>(&self, sql: &'static str, values: [Value; N]) -> Result<u64, StoreError> {
        let statement = dialect::statement(&self.reader, sql, values);
        let row = self.reader.query_one_raw(statement).await.map_err(store_error)?;
        let count: i64 = row
            .map_or(Ok(0), |row| row.try_get_by_index(0))
            .map_err(store_error)?;
        Ok(count.unsigned_abs())
    }
}

#[async_trait]
impl KeyDirectory for SeaStore {
    async fn key_check(&self) -> Result<Option<String>, StoreError> {
        self.fact(CHECK).await
    }

    async fn keep_key_check(
        &self,
        expected: Option<&str>,
        check: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.keep_fact(CHECK, expected, check, now).await
    }

    async fn pseudonym_key(&self) -> Result<Option<String>, StoreError> {
        self.fact(PSEUDONYMS).await
    }

    async fn keep_pseudonym_key(
        &self,
        expected: Option<&str>,
        sealed: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.keep_fact(PSEUDONYMS, expected, sealed, now).await
    }

    async fn rotation(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let kept = self.fact(ROTATION).await?;
        kept.map(|text| parse("installation.value", &text)).transpose()
    }

    async fn begin_rotation(&self, now: DateTime<Utc>) -> Result<DateTime<Utc>, StoreError> {
        if self.add_fact(ROTATION, &written(now), now).await? {
            return Ok(now);
        }
        // One that ended just now is as good as one that begins now.
        Ok(KeyDirectory::rotation(self).await?.unwrap_or(now))
    }

    async fn end_rotation(&self, began: DateTime<Utc>) -> Result<(), StoreError> {
        self.drop_fact(ROTATION, &written(began)).await?;
        Ok(())
    }

    async fn key_holders(
        &self,
        foreign_to: Option<&str>,
        after: Option<OrganizationId>,
        limit: u32,
    ) -> Result<Vec<OrganizationId>, StoreError> {
        let condition = Condition::all()
            .add_option(foreign_to.map(|master| Column::Master.ne(master)))
            .add_option(after.map(|id| Column::OrganizationId.gt(id.0)));
        let ids: Vec<uuid::Uuid> = Entity::find()
            .select_only()
            .column(Column::OrganizationId)
            .distinct()
            .filter(condition)
            .order_by_asc(Column::OrganizationId)
            .limit(u64::from(limit))
            .into_tuple()
            .all(&self.reader)
            .await
            .map_err(store_error)?;
        Ok(ids.into_iter().map(Into::into).collect())
    }

    async fn census(&self, rotation: Option<DateTime<Utc>>) -> Result<Census, StoreError> {
        let masters: Vec<(String, i64)> = Entity::find()
            .select_only()
            .column(Column::Master)
            .column_as(Column::Version.count(), "wrapped")
            .group_by(Column::Master)
            .order_by_asc(Column::Master)
            .into_tuple()
            .all(&self.reader)
            .await
            .map_err(store_error)?;
        Ok(Census {
            secrets: self.count(SECRETS, []).await?,
            waiting: match rotation {
                Some(began) => self.count(WAITING, [began.into()]).await?,
                None => 0,
            },
            masters: masters
                .into_iter()
                .map(|(master, count)| (master, count.unsigned_abs()))
                .collect(),
        })
    }
}
