//! The port of schedules.

use super::convert;
use crate::dialect::{self, execute};
use crate::entity::schedules::{ActiveModel, Column, Entity, Model};
use crate::error::store_error;
use crate::keyset;
use crate::one::{one, one_locked};
use crate::session::Session;
use async_trait::async_trait;
use groundswell_domain::paging::CursorValue;
use groundswell_domain::schedules::{RunOutcome, Schedule, ScheduleRepo, ScheduleSort};
use groundswell_domain::{Page, PageRequest, ScheduleId, StoreError};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryTrait,
};

const MOVED_ON: &str = "UPDATE schedules SET next_run_at = $3, last_run_at = $4, last_outcome = $5 \
    WHERE organization_id = $1 AND id = $2";

const DELETE: &str = "DELETE FROM schedules WHERE organization_id = $1 AND id = $2";

#[async_trait]
impl<C: ConnectionTrait + Send> ScheduleRepo for Session<C> {
    async fn insert(&self, schedule: &Schedule) -> Result<(), StoreError> {
        let row = convert::row(self.organization, schedule)?;
        Entity::insert(row.into_active_model())
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn get(&self, id: ScheduleId) -> Result<Option<Schedule>, StoreError> {
        let row = one(&self.conn, Entity::find_by_id((self.organization, id.0))).await?;
        row.map(convert::schedule).transpose()
    }

    async fn get_locked(&self, id: ScheduleId) -> Result<Option<Schedule>, StoreError> {
        let row = one_locked(&self.conn, Entity::find_by_id((self.organization, id.0))).await?;
        row.map(convert::schedule).transpose()
    }

    async fn list(
        &self,
        enabled: Option<bool>,
        request: &PageRequest<ScheduleSort>,
    ) -> Result<Page<Schedule>, StoreError> {
        let select = Entity::find()
            .filter(Column::OrganizationId.eq(self.organization))
            .apply_if(enabled, |select, enabled| {
                select.filter(Column::Enabled.eq(enabled))
            });
        let field = request.sort.field;
        let sort = match field {
            ScheduleSort::CreatedAt => Column::CreatedAt,
            ScheduleSort::UpdatedAt => Column::UpdatedAt,
            ScheduleSort::Name => Column::Name,
        };
        let place = |row: &Model| {
            let value = match field {
                ScheduleSort::CreatedAt => CursorValue::Time(row.created_at),
                ScheduleSort::UpdatedAt => CursorValue::Time(row.updated_at),
                ScheduleSort::Name => CursorValue::Text(row.name.clone()),
            };
            (value, row.id)
        };
        let columns = (sort, Column::Id);
        keyset::page(&self.conn, select, columns, request, place, convert::schedule).await
    }

    async fn update(&self, schedule: &Schedule, expected: i32) -> Result<bool, StoreError> {
        let row = convert::row(self.organization, schedule)?;
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
            .filter(Column::Id.eq(schedule.id.0))
            .filter(Column::Version.eq(expected))
            .exec(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected == 1)
    }

    async fn moved_on(&self, schedule: &Schedule) -> Result<(), StoreError> {
        let values = [
            self.organization.into(),
            schedule.id.0.into(),
            schedule.next_run_at.into(),
            schedule.last_run_at.into(),
            schedule.last_outcome.map(RunOutcome::as_str).into(),
        ];
        execute(&self.conn, MOVED_ON, values).await.map_err(store_error)?;
        Ok(())
    }

    async fn delete(&self, id: ScheduleId) -> Result<bool, StoreError> {
        let values = [self.organization.into(), id.0.into()];
        Ok(execute(&self.conn, DELETE, values).await.map_err(store_error)? == 1)
    }

    async fn running(&self, id: ScheduleId, kinds: &[&str]) -> Result<usize, StoreError> {
        let running = dialect::running_of_schedule(&self.conn, self.organization, id.0, kinds)
            .await
            .map_err(store_error)?;
        Ok(usize::try_from(running).unwrap_or(0))
    }
}
