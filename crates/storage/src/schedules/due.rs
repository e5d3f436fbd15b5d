//! Which schedules' moments have come, of every organization.

use crate::dialect::statement;
use crate::error::store_error;
use crate::store::SeaStore;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::schedules::{DueSchedule, ScheduleDirectory};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use uuid::Uuid;

// Nothing has a next moment but what is to be run: the partial index holds no others.
const DUE: &str = "
SELECT organization_id, id, next_run_at FROM schedules
WHERE next_run_at <= $1 AND (next_run_at, id) > ($2, $3)
ORDER BY next_run_at, id LIMIT $4";

#[async_trait]
impl ScheduleDirectory for SeaStore {
    async fn due(
        &self,
        now: DateTime<Utc>,
        after: Option<DueSchedule>,
        limit: u32,
    ) -> Result<Vec<DueSchedule>, StoreError> {
        let (moment, id) = after.map_or((DateTime::UNIX_EPOCH, Uuid::nil()), |after| {
            (after.planned, after.schedule.0)
        });
        let values = [now.into(), moment.into(), id.into(), i64::from(limit).into()];
        let rows = self
            .reader
            .query_all_raw(statement(&self.reader, DUE, values))
            .await
            .map_err(store_error)?;
        let due: Result<_, DbErr> = rows.iter().map(due).collect();
        due.map_err(store_error)
    }
}

fn due(row: &QueryResult) -> Result<DueSchedule, DbErr> {
    Ok(DueSchedule {
        organization: row.try_get::<Uuid>("", "organization_id")?.into(),
        schedule: row.try_get::<Uuid>("", "id")?.into(),
        planned: row.try_get("", "next_run_at")?,
    })
}
