//! Claiming jobs.
//!
//! Both statements do the same. Queued jobs and running ones whose lease ran out are looked up apart, each through its
//! partial index; the words in the conditions are literals because a partial index is not used for parameters.

use super::{Pool, Reach, statement};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Value};

/// Why a job failed whose worker went away in its last attempt.
const LOST: &str = "the worker stopped during the last attempt";

// Locked rows are passed over, so that workers never wait for each other. An exhausted row may be waited for: whoever
// holds it is marking it, too, and the second one then finds it changed.
const POSTGRES: &str = "
WITH exhausted AS (
  UPDATE jobs SET status = 'failed', finished_at = $1, last_error = $6, lease_token = NULL, lease_until = NULL
  WHERE status = 'running' AND lease_until < $1 AND attempt >= max_attempts AND kind = ANY($5)
), queued AS (
  SELECT organization_id, id, priority, run_at FROM jobs
  WHERE status = 'queued' AND run_at <= $1 AND kind = ANY($5)
  ORDER BY priority DESC, run_at, id LIMIT $4 FOR UPDATE SKIP LOCKED
), expired AS (
  SELECT organization_id, id, priority, run_at FROM jobs
  WHERE status = 'running' AND lease_until < $1 AND attempt < max_attempts AND kind = ANY($5)
  ORDER BY priority DESC, run_at, id LIMIT $4 FOR UPDATE SKIP LOCKED
), chosen AS (
  SELECT * FROM (SELECT * FROM queued UNION ALL SELECT * FROM expired) AS due
  ORDER BY priority DESC, run_at, id LIMIT $4
)
UPDATE jobs SET status = 'running', attempt = attempt + 1, lease_token = $2, lease_until = $3
FROM chosen WHERE jobs.organization_id = chosen.organization_id AND jobs.id = chosen.id
RETURNING jobs.id, jobs.organization_id, jobs.kind, jobs.payload, jobs.attempt, jobs.max_attempts, jobs.priority, jobs.run_at,
  jobs.request_id, jobs.traceparent, jobs.schedule_id, jobs.scheduled_for";

const SQLITE_EXHAUSTED: &str = "
UPDATE jobs SET status = 'failed', finished_at = $1, last_error = $3, lease_token = NULL, lease_until = NULL
WHERE status = 'running' AND lease_until < $1 AND attempt >= max_attempts
  AND kind IN (SELECT value FROM json_each($2))";

const SQLITE: &str = "
UPDATE jobs SET status = 'running', attempt = attempt + 1, lease_token = $2, lease_until = $3
WHERE rowid IN (
  SELECT place FROM (
    SELECT * FROM (
      SELECT rowid AS place, priority, run_at, id FROM jobs
      WHERE status = 'queued' AND run_at <= $1 AND kind IN (SELECT value FROM json_each($5))
      ORDER BY priority DESC, run_at, id LIMIT $4)
    UNION ALL
    SELECT * FROM (
      SELECT rowid AS place, priority, run_at, id FROM jobs
      WHERE status = 'running' AND lease_until < $1 AND attempt < max_attempts
        AND kind IN (SELECT value FROM json_each($5))
      ORDER BY priority DESC, run_at, id LIMIT $4)
  ) ORDER BY priority DESC, run_at, id LIMIT $4)
RETURNING id, organization_id, kind, payload, attempt, max_attempts, priority, run_at,
  request_id, traceparent, schedule_id, scheduled_for";

/// Claims up to `limit` due jobs of `kinds` and marks those failed that ran out of attempts. The rows come in no order.
pub(crate) async fn claim_jobs(
    pool: &Pool,
    kinds: &[&str],
    limit: u32,
    lease: Value,
    now: Value,
    lease_until: Value,
) -> Result<Vec<QueryResult>, DbErr> {
    let limit = i64::from(limit).into();
    let transaction = pool.begin(Reach::Everything).await?;
    if transaction.get_database_backend() == DbBackend::Postgres {
        let kinds: Vec<String> = kinds.iter().map(|&kind| kind.to_owned()).collect();
        let values = [now, lease, lease_until, limit, kinds.into(), LOST.into()];
        let rows = transaction
            .query_all_raw(statement(&transaction, POSTGRES, values))
            .await?;
        transaction.commit().await?;
        return Ok(rows);
    }
    let kinds: Value = serde_json::Value::from(kinds.to_vec()).to_string().into();
    super::execute(
        &transaction,
        SQLITE_EXHAUSTED,
        [now.clone(), kinds.clone(), LOST.into()],
    )
    .await?;
    let values = [now, lease, lease_until, limit, kinds];
    let rows = transaction
        .query_all_raw(statement(&transaction, SQLITE, values))
        .await?;
    transaction.commit().await?;
    Ok(rows)
}
