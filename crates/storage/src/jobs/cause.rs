//! What a job goes back to, as columns.

use chrono::{DateTime, Utc};
use groundswell_domain::jobs::{Cause, ScheduledRun};
use sea_orm::{DbErr, QueryResult};
use uuid::Uuid;

#[derive(Default)]
pub(super) struct CauseColumns {
    pub request_id: Option<Uuid>,
    pub traceparent: Option<String>,
    pub schedule_id: Option<Uuid>,
    pub scheduled_for: Option<DateTime<Utc>>,
}

pub(super) fn columns(cause: Option<Cause>) -> CauseColumns {
    let Some(cause) = cause else {
        return CauseColumns::default();
    };
    CauseColumns {
        request_id: Some(cause.request.0),
        traceparent: cause.trace.map(|trace| trace.to_string()),
        schedule_id: cause.run.map(|run| run.schedule.0),
        scheduled_for: cause.run.map(|run| run.moment),
    }
}

/// Of a claimed row. A trace that can't be read is none: it is no reason not to do the work.
pub(super) fn read(row: &QueryResult) -> Result<Option<Cause>, DbErr> {
    let Some(request) = row.try_get::<Option<Uuid>>("", "request_id")? else {
        return Ok(None);
    };
    let trace: Option<String> = row.try_get("", "traceparent")?;
    let schedule: Option<Uuid> = row.try_get("", "schedule_id")?;
    let moment: Option<DateTime<Utc>> = row.try_get("", "scheduled_for")?;
    Ok(Some(Cause {
        request: request.into(),
        trace: trace.and_then(|text| text.parse().ok()),
        run: schedule.zip(moment).map(|(schedule, moment)| ScheduledRun {
            schedule: schedule.into(),
            moment,
        }),
    }))
}
