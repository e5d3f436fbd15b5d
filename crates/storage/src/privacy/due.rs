//! Which organizations do not keep everything.

use crate::codec::parse;
use crate::entity::organizations::{Column, Entity};
use crate::error::store_error;
use crate::store::SeaStore;
use async_trait::async_trait;
use groundswell_domain::privacy::{RetentionDirectory, RetentionDue};
use groundswell_domain::{OrganizationId, StoreError};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

#[async_trait]
impl RetentionDirectory for SeaStore {
    async fn organizations(
        &self,
        after: Option<OrganizationId>,
        limit: u32,
    ) -> Result<Vec<RetentionDue>, StoreError> {
        let some = Condition::any()
            .add(Column::KeepLeadsDays.is_not_null())
            .add(Column::KeepSubmissionsDays.is_not_null())
            .add(Column::KeepMessagesDays.is_not_null())
            .add(Column::KeepEventsDays.is_not_null())
            .add(Column::KeepAuditDays.is_not_null());
        let rows = Entity::find()
            .filter(some)
            .apply_if(after, |select, id| select.filter(Column::Id.gt(id.0)))
            .order_by_asc(Column::Id)
            .limit(u64::from(limit))
            .all(&self.reader)
            .await
            .map_err(store_error)?;
        rows.into_iter()
            .map(|row| {
                Ok(RetentionDue {
                    organization: row.id.into(),
                    time_zone: parse("organizations.time_zone", &row.time_zone)?,
                    last: row.retention_ran_at.unwrap_or(row.created_at),
                })
            })
            .collect()
    }
}
