//! One organization's jobs.

use super::cause;
use crate::codec::parse;
use crate::dialect::{execute, statement};
use crate::entity::jobs::{Column, Entity, Model};
use crate::error::store_error;
use crate::keyset;
use crate::one::one;
use crate::session::Session;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::jobs::{Job, JobFilter, JobRepo, JobSort, NewJob};
use groundswell_domain::paging::CursorValue;
use groundswell_domain::{JobId, Page, PageRequest, StoreError};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

/// How often to look again for a job that has the key but finishes at just that moment.
const TRIES: u32 = 5;

const INSERT: &str = "
INSERT INTO jobs (organization_id, id, kind, payload, status, priority, attempt, max_attempts, run_at, unique_key, created_at,
  request_id, traceparent, schedule_id, scheduled_for)
VALUES ($1, $2, $3, $4, 'queued', $5, 0, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING";

const CANCEL: &str = "
UPDATE jobs SET status = 'cancelled', finished_at = $3, lease_token = NULL, lease_until = NULL
WHERE organization_id = $1 AND id = $2 AND status IN ('queued', 'running')";

const RETRY: &str = "
UPDATE jobs SET status = 'queued', attempt = 0, run_at = $3, finished_at = NULL
WHERE organization_id = $1 AND id = $2 AND status IN ('failed', 'discarded', 'cancelled')";

// The condition is the partial index's own, word for word.
const HOLDER: &str = "
SELECT id FROM jobs
WHERE organization_id = $1 AND unique_key = $2 AND (status = 'queued' OR status = 'running')";

impl<C: ConnectionTrait + Send> Session<C> {
    async fn holder_of(&self, unique_key: &str) -> Result<Option<JobId>, StoreError> {
        let values = [self.organization.into(), unique_key.into()];
        let row = self
            .conn
            .query_one_raw(statement(&self.conn, HOLDER, values))
            .await
            .map_err(store_error)?;
        row.map(|row| row.try_get::<Uuid>("", "id").map(JobId))
            .transpose()
            .map_err(store_error)
    }
}

#[async_trait]
impl<C: ConnectionTrait + Send> JobRepo for Session<C> {
    async fn enqueue(&self, job: &NewJob, now: DateTime<Utc>) -> Result<JobId, StoreError> {
        let cause = cause::columns(job.cause.or(self.cause));
        for _ in 0..TRIES {
            let values = [
                self.organization.into(),
                job.id.0.into(),
                job.kind.as_str().into(),
                job.payload.clone().into(),
                (job.priority as i32).into(),
                job.max_attempts.into(),
                job.run_at.into(),
                job.unique_key.clone().into(),
                now.into(),
                cause.request_id.into(),
                cause.traceparent.clone().into(),
                cause.schedule_id.into(),
                cause.scheduled_for.into(),
            ];
            if execute(&self.conn, INSERT, values).await.map_err(store_error)? == 1 {
                self.added_work();
                return Ok(job.id);
            }
            let Some(key) = &job.unique_key else { break };
            if let Some(holder) = self.holder_of(key).await? {
                return Ok(holder);
            }
        }
        Err(StoreError::Duplicate {
            constraint: "jobs_pkey".to_owned(),
        })
    }

    async fn get(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        let row = one(&self.conn, Entity::find_by_id((self.organization, id.0))).await?;
        row.map(job).transpose()
    }

    async fn list(
        &self,
        filter: &JobFilter,
        request: &PageRequest<JobSort>,
    ) -> Result<Page<Job>, StoreError> {
        let mut select = Entity::find().filter(Column::OrganizationId.eq(self.organization));
        if let Some(status) = filter.status {
            select = select.filter(Column::Status.eq(status.as_str()));
        }
        if let Some(kind) = &filter.kind {
            select = select.filter(Column::Kind.eq(kind.as_str()));
        }
        if let Some(schedule) = filter.schedule {
            select = select.filter(Column::ScheduleId.eq(schedule.0));
        }
        let field = request.sort.field;
        if field == JobSort::RunAt && filter.status.is_some_and(|status| !status.is_final()) {
            // The condition is the partial index's own, word for word.
            select = select.filter(Expr::cust("(status = 'queued' OR status = 'running')"));
        }
        let sort = match field {
            JobSort::CreatedAt => Column::CreatedAt,
            JobSort::RunAt => Column::RunAt,
        };
        let place = |row: &Model| {
            let time = match field {
                JobSort::CreatedAt => row.created_at,
                JobSort::RunAt => row.run_at,
            };
            (CursorValue::Time(time), row.id)
        };
        keyset::page(&self.conn, select, (sort, Column::Id), request, place, job).await
    }

    async fn cancel(&self, id: JobId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let values = [self.organization.into(), id.0.into(), now.into()];
        Ok(execute(&self.conn, CANCEL, values).await.map_err(store_error)? == 1)
    }

    async fn retry(&self, id: JobId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let values = [self.organization.into(), id.0.into(), now.into()];
        let done = execute(&self.conn, RETRY, values).await.map_err(store_error)? == 1;
        if done {
            self.added_work();
        }
        Ok(done)
    }
}

fn job(row: Model) -> Result<Job, StoreError> {
    let trace = row.traceparent.as_deref();
    Ok(Job {
        id: row.id.into(),
        status: parse("jobs.status", &row.status)?,
        kind: row.kind,
        attempt: row.attempt,
        max_attempts: row.max_attempts,
        run_at: row.run_at,
        last_error: row.last_error,
        request_id: row.request_id.map(Into::into),
        traceparent: trace.map(|text| parse("jobs.traceparent", text)).transpose()?,
        schedule_id: row.schedule_id.map(Into::into),
        scheduled_for: row.scheduled_for,
        created_at: row.created_at,
        finished_at: row.finished_at,
    })
}
