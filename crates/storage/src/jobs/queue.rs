//! Every organization's jobs, as workers see them.
//!
//! Statuses are literals in the statements: the partial indexes of the queue are not used for parameters.

use super::cause;
use crate::codec::parse;
use crate::dialect::{self, Claim, Reach, execute, statement};
use crate::error::store_error;
use crate::store::SeaStore;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::jobs::{ClaimedJob, JobEnd, JobQueue, JobStatus, Wanted};
use groundswell_domain::{JobId, LeaseToken, StoreError};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use std::cmp::Reverse;
use uuid::Uuid;

const HEARTBEAT: &str = "
UPDATE jobs SET lease_until = $3 WHERE id = $1 AND lease_token = $2 AND status = 'running'";

const SUCCEEDED: &str = "
UPDATE jobs SET status = 'succeeded', finished_at = $3, last_error = NULL, lease_token = NULL, lease_until = NULL
WHERE id = $1 AND lease_token = $2 AND status = 'running'";

const FAILED: &str = "
UPDATE jobs SET
  status = CASE WHEN attempt < max_attempts THEN 'queued' ELSE 'failed' END,
  run_at = CASE WHEN attempt < max_attempts THEN $4 ELSE run_at END,
  finished_at = CASE WHEN attempt < max_attempts THEN NULL ELSE $3 END,
  last_error = $5, lease_token = NULL, lease_until = NULL
WHERE id = $1 AND lease_token = $2 AND status = 'running'";

const DISCARDED: &str = "
UPDATE jobs SET status = 'discarded', finished_at = $3, last_error = $4, lease_token = NULL, lease_until = NULL
WHERE id = $1 AND lease_token = $2 AND status = 'running'";

const CONTINUE: &str = "
UPDATE jobs SET status = 'queued', attempt = attempt - 1, run_at = $3, lease_token = NULL, lease_until = NULL
WHERE id = $1 AND lease_token = $2 AND status = 'running'";

// A job that is put back into the queue meanwhile stays: it has no end any more. Said so that no index fits, or SQLite walks
// through all that are old.
const FORGET: &str = "
DELETE FROM jobs WHERE coalesce(finished_at, $2) < $2 AND (organization_id, id) IN (
  SELECT organization_id, id FROM jobs WHERE status = $1 AND finished_at < $2
  ORDER BY finished_at LIMIT $3)";

const DEPTH: &str = "
SELECT kind, status, count(*) AS jobs FROM jobs WHERE status = 'queued' GROUP BY kind, status
UNION ALL
SELECT kind, status, count(*) AS jobs FROM jobs WHERE status = 'running' GROUP BY kind, status";

#[async_trait]
impl JobQueue for SeaStore {
    async fn claim(
        &self,
        wanted: &[Wanted<'_>],
        lease: LeaseToken,
        now: DateTime<Utc>,
        lease_until: DateTime<Utc>,
    ) -> Result<Vec<ClaimedJob>, StoreError> {
        let all: Vec<&str> = wanted.iter().flat_map(|one| one.kinds).copied().collect();
        let due = dialect::due_kinds(&self.reader, &all, now)
            .await
            .map_err(store_error)?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let transaction = self
            .pools
            .writer
            .begin(Reach::Everything)
            .await
            .map_err(store_error)?;
        let mut jobs = Vec::new();
        for one in wanted {
            let kinds: Vec<&str> = one
                .kinds
                .iter()
                .copied()
                .filter(|kind| due.contains(*kind))
                .collect();
            if kinds.is_empty() {
                continue;
            }
            let turn = self.turns.last(one.queue);
            let terms = Claim {
                kinds: &kinds,
                limit: one.limit,
                turn,
                lease: lease.0,
                now,
                lease_until,
            };
            let rows = dialect::claim_jobs(&transaction, &terms)
                .await
                .map_err(store_error)?;
            let mut served = Vec::with_capacity(rows.len());
            for row in rows {
                let (order, job) = claimed(&row, lease).map_err(store_error)?;
                served.push(job.organization.0);
                jobs.push((order, job));
            }
            self.turns.served(one.queue, turn, &served);
        }
        transaction.commit().await.map_err(store_error)?;
        // RETURNING promises no order.
        jobs.sort_by_key(|(order, job)| (*order, job.id));
        Ok(jobs.into_iter().map(|(_, job)| job).collect())
    }

    async fn heartbeat(
        &self,
        id: JobId,
        lease: LeaseToken,
        lease_until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let values = [id.0.into(), lease.0.into(), lease_until.into()];
        Ok(execute(&self.writer, HEARTBEAT, values)
            .await
            .map_err(store_error)?
            == 1)
    }

    async fn finish(
        &self,
        id: JobId,
        lease: LeaseToken,
        end: &JobEnd,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (conn, id, lease) = (&self.writer, id.0.into(), lease.0.into());
        let changed = match end {
            JobEnd::Succeeded => execute(conn, SUCCEEDED, [id, lease, now.into()]).await,
            JobEnd::Failed { error, at } => {
                execute(
                    conn,
                    FAILED,
                    [id, lease, now.into(), (*at).into(), error.as_str().into()],
                )
                .await
            }
            JobEnd::Discarded { error } => {
                execute(conn, DISCARDED, [id, lease, now.into(), error.as_str().into()]).await
            }
            JobEnd::Continue { at } => execute(conn, CONTINUE, [id, lease, (*at).into()]).await,
        };
        let changed = changed.map_err(store_error)? == 1;
        if changed && matches!(end, JobEnd::Continue { at } if *at <= now) {
            self.hints.tell();
        }
        Ok(changed)
    }

    async fn forget(&self, status: JobStatus, before: DateTime<Utc>, limit: u32) -> Result<u64, StoreError> {
        let values = [status.as_str().into(), before.into(), i64::from(limit).into()];
        execute(&self.writer, FORGET, values).await.map_err(store_error)
    }

    async fn depth(&self) -> Result<Vec<(String, JobStatus, i64)>, StoreError> {
        let rows = self
            .reader
            .query_all_raw(statement(&self.reader, DEPTH, []))
            .await
            .map_err(store_error)?;
        let read = |row: &QueryResult| {
            row.try_get_many::<(String, String, i64)>("", &["kind", "status", "jobs"].map(str::to_owned))
        };
        rows.iter()
            .map(|row| {
                let (kind, status, jobs) = read(row).map_err(store_error)?;
                Ok((kind, parse("jobs.status", &status)?, jobs))
            })
            .collect()
    }

    async fn wait_for_work(&self) {
        self.hints.wait().await;
    }
}

type Order = (Reverse<i32>, DateTime<Utc>);

fn claimed(row: &QueryResult, lease: LeaseToken) -> Result<(Order, ClaimedJob), DbErr> {
    let order = (Reverse(row.try_get("", "priority")?), row.try_get("", "run_at")?);
    let job = ClaimedJob {
        id: row.try_get::<Uuid>("", "id")?.into(),
        organization: row.try_get::<Uuid>("", "organization_id")?.into(),
        kind: row.try_get("", "kind")?,
        payload: row.try_get("", "payload")?,
        attempt: row.try_get("", "attempt")?,
        max_attempts: row.try_get("", "max_attempts")?,
        lease,
        cause: cause::read(row)?,
    };
    Ok((order, job))
}
