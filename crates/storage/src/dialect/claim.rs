//! Claiming jobs.
//!
//! The statements of both databases do the same. Queued jobs and running ones whose lease ran out are looked up apart, each
//! through its partial index; the words in the conditions are literals because a partial index is not used for parameters. Each
//! priority is looked up apart, too: only then does the index know where those begin that are not due yet.
//!
//! Workers ask very often, and mostly for nothing: [`due_kinds`] is cheap, and only reads.
//!
//! Organizations share (docs/decisions/0032). To find one whose single job stands behind another's million, the queue is walked
//! through by organization, which costs one look into an index for each. On PostgreSQL that is done only where many jobs
//! wait, and for some organizations after the one that was served last: there may be thousands of them, and as many workers.

use super::statement;
use chrono::{DateTime, Utc};
use groundswell_domain::jobs::Priority;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Value};
use std::collections::HashSet;
use uuid::Uuid;

const DUE_ON_POSTGRES: &str = "
SELECT kinds.kind FROM unnest($2::text[]) AS kinds (kind)
WHERE EXISTS (
  SELECT 1 FROM unnest($3::int4[]) AS levels (priority) CROSS JOIN LATERAL (
    SELECT run_at FROM jobs
    WHERE status = 'queued' AND kind = kinds.kind AND priority = levels.priority AND run_at <= $1
    ORDER BY run_at LIMIT 1) AS oldest)
UNION
SELECT kind FROM jobs WHERE status = 'running' AND lease_until < $1 AND kind = ANY($2)";

const DUE_ON_SQLITE: &str = "
SELECT kinds.value AS kind FROM json_each($2) AS kinds
WHERE EXISTS (
  SELECT 1 FROM json_each($3) AS levels CROSS JOIN jobs
  WHERE jobs.status = 'queued' AND jobs.kind = kinds.value AND jobs.priority = levels.value AND jobs.run_at <= $1)
UNION
SELECT kind FROM jobs
WHERE status = 'running' AND lease_until < $1 AND kind IN (SELECT value FROM json_each($2))";

/// Why a job failed whose worker went away in its last attempt.
const LOST: &str = "the worker stopped during the last attempt";

// `oldest` are all that wait where fewer than 64 do. Locked rows are passed over, so that workers never wait for each other, and
// more are placed than are wanted, so that they find others. An exhausted row may be waited for: whoever holds it is marking
// it, too, and the second one then finds it changed.
const POSTGRES: &str = "
WITH RECURSIVE exhausted AS (
  UPDATE jobs SET status = 'failed', finished_at = $1, last_error = $7, lease_token = NULL, lease_until = NULL
  WHERE status = 'running' AND lease_until < $1 AND attempt >= max_attempts AND kind = ANY($5)
), pairs AS MATERIALIZED (
  SELECT kind, priority FROM unnest($5::text[]) AS kind CROSS JOIN unnest($8::int4[]) AS levels (priority)
), oldest AS MATERIALIZED (
  SELECT pairs.kind, pairs.priority, job.organization_id, job.id, job.run_at
  FROM pairs CROSS JOIN LATERAL (
    SELECT organization_id, id, run_at FROM jobs
    WHERE status = 'queued' AND kind = pairs.kind AND priority = pairs.priority AND run_at <= $1
    ORDER BY run_at, id LIMIT 64) AS job
), crowded AS MATERIALIZED (
  SELECT kind, priority FROM oldest GROUP BY kind, priority HAVING count(*) >= 64
), walk AS (
  SELECT crowded.kind, crowded.priority, half.until, next.organization_id, 1 AS step
  FROM crowded
  CROSS JOIN (VALUES ($6::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid),
                     ('00000000-0000-0000-0000-000000000000'::uuid, $6::uuid)) AS half (after, until)
  CROSS JOIN LATERAL (
    SELECT organization_id FROM jobs
    WHERE status = 'queued' AND kind = crowded.kind AND priority = crowded.priority
      AND organization_id > half.after AND organization_id <= half.until
    ORDER BY organization_id LIMIT 1) AS next
  UNION ALL
  SELECT walk.kind, walk.priority, walk.until, next.organization_id, walk.step + 1
  FROM walk CROSS JOIN LATERAL (
    SELECT organization_id FROM jobs
    WHERE status = 'queued' AND kind = walk.kind AND priority = walk.priority
      AND organization_id > walk.organization_id AND organization_id <= walk.until
    ORDER BY organization_id LIMIT 1) AS next
  WHERE walk.step < 100
), waiting AS (
  SELECT organization_id, id, priority, run_at FROM oldest
  UNION
  SELECT walk.organization_id, job.id, walk.priority, job.run_at
  FROM walk CROSS JOIN LATERAL (
    SELECT id, run_at FROM jobs
    WHERE status = 'queued' AND kind = walk.kind AND priority = walk.priority
      AND organization_id = walk.organization_id AND run_at <= $1
    ORDER BY run_at, id LIMIT $4) AS job
  UNION
  (SELECT organization_id, id, priority, run_at FROM jobs
  WHERE status = 'running' AND lease_until < $1 AND attempt < max_attempts AND kind = ANY($5)
  ORDER BY priority DESC, run_at, id LIMIT $4)
), busy AS MATERIALIZED (
  SELECT organization_id, count(*) AS jobs FROM jobs
  WHERE status = 'running' AND lease_until >= $1 AND kind = ANY($5) GROUP BY organization_id
), shared AS (
  SELECT waiting.*, coalesce(busy.jobs, 0) + row_number() OVER (
    PARTITION BY organization_id ORDER BY priority DESC, run_at, id) AS share
  FROM waiting LEFT JOIN busy USING (organization_id)
), placed AS MATERIALIZED (
  SELECT organization_id, id, row_number() OVER (
    ORDER BY share, priority DESC, organization_id <= $6, organization_id, run_at, id) AS place
  FROM shared ORDER BY place LIMIT $4 * 4 + 64
), chosen AS MATERIALIZED (
  SELECT jobs.organization_id, jobs.id FROM placed
  JOIN jobs ON jobs.organization_id = placed.organization_id AND jobs.id = placed.id
  WHERE jobs.status = 'queued' OR (jobs.status = 'running' AND jobs.lease_until < $1)
  ORDER BY placed.place LIMIT $4 FOR UPDATE OF jobs SKIP LOCKED
)
UPDATE jobs SET status = 'running', attempt = attempt + 1, lease_token = $2, lease_until = $3
FROM chosen WHERE jobs.organization_id = chosen.organization_id AND jobs.id = chosen.id
RETURNING jobs.id, jobs.organization_id, jobs.kind, jobs.payload, jobs.attempt, jobs.max_attempts, jobs.priority, jobs.run_at,
  jobs.request_id, jobs.traceparent, jobs.schedule_id, jobs.scheduled_for";

const SQLITE_EXHAUSTED: &str = "
UPDATE jobs SET status = 'failed', finished_at = $1, last_error = $3, lease_token = NULL, lease_until = NULL
WHERE status = 'running' AND lease_until < $1 AND attempt >= max_attempts
  AND kind IN (SELECT value FROM json_each($2))";

// The plus keeps the planner from grouping by an index of all jobs.
const SQLITE: &str = "
WITH RECURSIVE pairs (kind, priority) AS (
  SELECT kinds.value, levels.value FROM json_each($5) AS kinds CROSS JOIN json_each($7) AS levels
), walk (kind, priority, organization_id) AS (
  SELECT kind, priority, (SELECT min(organization_id) FROM jobs
    WHERE status = 'queued' AND kind = pairs.kind AND priority = pairs.priority)
  FROM pairs
  UNION ALL
  SELECT kind, priority, (SELECT min(organization_id) FROM jobs
    WHERE status = 'queued' AND kind = walk.kind AND priority = walk.priority AND organization_id > walk.organization_id)
  FROM walk WHERE organization_id IS NOT NULL
), waiting AS (
  SELECT jobs.rowid AS place, jobs.organization_id, jobs.priority, jobs.run_at, jobs.id
  FROM walk CROSS JOIN jobs ON jobs.rowid IN (
    SELECT rowid FROM jobs AS job
    WHERE job.status = 'queued' AND job.kind = walk.kind AND job.priority = walk.priority
      AND job.organization_id = walk.organization_id AND job.run_at <= $1
    ORDER BY job.run_at, job.id LIMIT $4)
  UNION ALL
  SELECT * FROM (
    SELECT rowid, organization_id, priority, run_at, id FROM jobs
    WHERE status = 'running' AND lease_until < $1 AND attempt < max_attempts
      AND kind IN (SELECT value FROM json_each($5))
    ORDER BY priority DESC, run_at, id LIMIT $4)
), busy AS (
  SELECT organization_id, count(*) AS jobs FROM jobs
  WHERE status = 'running' AND lease_until >= $1 AND kind IN (SELECT value FROM json_each($5))
  GROUP BY +organization_id
), shared AS (
  SELECT waiting.*, coalesce(busy.jobs, 0) + row_number() OVER (
    PARTITION BY waiting.organization_id ORDER BY priority DESC, run_at, id) AS share
  FROM waiting LEFT JOIN busy ON busy.organization_id = waiting.organization_id
)
UPDATE jobs SET status = 'running', attempt = attempt + 1, lease_token = $2, lease_until = $3
WHERE rowid IN (
  SELECT place FROM shared
  ORDER BY share, priority DESC, organization_id <= $6, organization_id, run_at, id LIMIT $4)
RETURNING id, organization_id, kind, payload, attempt, max_attempts, priority, run_at,
  request_id, traceparent, schedule_id, scheduled_for";

/// Those of the kinds of which a job is due, or was left by its worker.
pub(crate) async fn due_kinds(
    conn: &impl ConnectionTrait,
    kinds: &[&str],
    now: DateTime<Utc>,
) -> Result<HashSet<String>, DbErr> {
    let (sql, values): (_, [Value; 3]) = if conn.get_database_backend() == DbBackend::Postgres {
        let levels = Priority::ALL.map(|level| level as i32).to_vec();
        (DUE_ON_POSTGRES, [now.into(), words(kinds).into(), levels.into()])
    } else {
        (DUE_ON_SQLITE, [now.into(), list(kinds), levels()])
    };
    let rows = conn.query_all_raw(statement(conn, sql, values)).await?;
    rows.iter().map(|row| row.try_get("", "kind")).collect()
}

fn words(kinds: &[&str]) -> Vec<String> {
    kinds.iter().map(|&kind| kind.to_owned()).collect()
}

/// As SQLite takes lists.
fn list(kinds: &[&str]) -> Value {
    serde_json::Value::from(kinds.to_vec()).to_string().into()
}

fn levels() -> Value {
    let levels = Priority::ALL.map(|level| level as i32).to_vec();
    serde_json::Value::from(levels).to_string().into()
}

/// What is to be claimed, and how.
pub(crate) struct Claim<'a> {
    pub kinds: &'a [&'a str],
    pub limit: u32,
    /// The organization that was served last.
    pub turn: Uuid,
    pub lease: Uuid,
    pub now: DateTime<Utc>,
    pub lease_until: DateTime<Utc>,
}

/// Claims due jobs and marks those failed that ran out of attempts. The rows come in no order.
pub(crate) async fn claim_jobs(
    conn: &impl ConnectionTrait,
    claim: &Claim<'_>,
) -> Result<Vec<QueryResult>, DbErr> {
    let now = || claim.now.into();
    let (lease, lease_until) = (claim.lease.into(), claim.lease_until.into());
    let (limit, turn) = (i64::from(claim.limit).into(), claim.turn.into());
    if conn.get_database_backend() == DbBackend::Postgres {
        let kinds = words(claim.kinds);
        let levels = Priority::ALL.map(|level| level as i32).to_vec().into();
        let values = [
            now(),
            lease,
            lease_until,
            limit,
            kinds.into(),
            turn,
            LOST.into(),
            levels,
        ];
        return conn.query_all_raw(statement(conn, POSTGRES, values)).await;
    }
    let kinds = list(claim.kinds);
    super::execute(conn, SQLITE_EXHAUSTED, [now(), kinds.clone(), LOST.into()]).await?;
    let values = [now(), lease, lease_until, limit, kinds, turn, levels()];
    conn.query_all_raw(statement(conn, SQLITE, values)).await
}
