//! Claiming and sweeping rows of the mail ledger.
//!
//! PostgreSQL skips rows that another worker is just changing, so that nobody waits and no two lock rows in different
//! orders. The rows are chosen in a materialized part of its own: in a subselect the planner may run it once per row,
//! and then claims more than the limit. On SQLite only one transaction writes.

use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use serde::Serialize;
use uuid::Uuid;

macro_rules! claim {
    ($lock:literal) => {
        concat!(
            "WITH due AS MATERIALIZED (SELECT id AS due_id FROM email_messages \
             WHERE organization_id = $1 AND campaign_id = $2 AND status = 'queued' AND next_attempt_at <= $3 \
             ORDER BY next_attempt_at, id LIMIT $6",
            $lock,
            ") UPDATE email_messages SET status = 'claimed', lease_token = $4, lease_until = $5, updated_at = $3 \
             FROM due WHERE organization_id = $1 AND id = due_id \
             RETURNING id, kind, campaign_id, lead_id, to_email, attempts, variant, topic_id"
        )
    };
}

/// `queued -> claimed` for up to `limit` due rows of a campaign, those that were due first.
pub(crate) fn claim_messages(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    campaign: Uuid,
    limit: u32,
    lease: Uuid,
    now: DateTime<Utc>,
    lease_until: DateTime<Utc>,
) -> Statement {
    let backend = conn.get_database_backend();
    let sql = if backend == DbBackend::Postgres {
        claim!(" FOR UPDATE SKIP LOCKED")
    } else {
        claim!("")
    };
    let values: [Value; 6] = [
        organization.into(),
        campaign.into(),
        now.into(),
        lease.into(),
        lease_until.into(),
        i64::from(limit).into(),
    ];
    Statement::from_sql_and_values(backend, sql, values)
}

macro_rules! sweep {
    ($campaign:literal, $lock:literal) => {
        concat!(
            "WITH dead AS MATERIALIZED (SELECT id AS dead_id FROM email_messages WHERE organization_id = $1 AND ",
            $campaign,
            " AND status IN ('claimed', 'sending') AND lease_until < $2 ORDER BY id",
            $lock,
            ") UPDATE email_messages SET \
             status = CASE status WHEN 'claimed' THEN 'queued' ELSE 'unknown' END, \
             lease_token = CASE status WHEN 'claimed' THEN NULL ELSE lease_token END, \
             reason = CASE status WHEN 'claimed' THEN reason \
                      ELSE 'the worker was lost while the server may have taken the mail' END, \
             lease_until = NULL, updated_at = $2 \
             FROM dead WHERE organization_id = $1 AND id = dead_id RETURNING status"
        )
    };
}

/// `claimed -> queued` and `sending -> unknown` where the lease ran out before `now`; of no campaign when `campaign` is
/// `None`. The lease token of unknown rows stays.
pub(crate) fn sweep_messages(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    campaign: Option<Uuid>,
    now: DateTime<Utc>,
) -> Statement {
    let backend = conn.get_database_backend();
    let postgres = backend == DbBackend::Postgres;
    let Some(campaign) = campaign else {
        let sql = if postgres {
            sweep!("campaign_id IS NULL", " FOR UPDATE SKIP LOCKED")
        } else {
            sweep!("campaign_id IS NULL", "")
        };
        let values: [Value; 2] = [organization.into(), now.into()];
        return Statement::from_sql_and_values(backend, sql, values);
    };
    let sql = if postgres {
        sweep!("campaign_id = $3", " FOR UPDATE SKIP LOCKED")
    } else {
        sweep!("campaign_id = $3", "")
    };
    let values: [Value; 3] = [organization.into(), now.into(), campaign.into()];
    Statement::from_sql_and_values(backend, sql, values)
}

macro_rules! doubt {
    ($open:literal, $lock:literal) => {
        concat!(
            "WITH open AS MATERIALIZED (SELECT id AS open_id FROM email_messages WHERE organization_id = $1 AND ",
            $open,
            " LIMIT $4",
            $lock,
            ") UPDATE email_messages SET status = 'unknown', reason = $2, lease_token = NULL, lease_until = NULL, \
             updated_at = $3 FROM open WHERE organization_id = $1 AND id = open_id RETURNING campaign_id"
        )
    };
}

/// `queued`, `claimed` and `sending -> unknown` for up to `limit` rows of each of the two partial indexes.
pub(crate) fn doubt_messages(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    reason: &str,
    limit: u32,
    now: DateTime<Utc>,
) -> [Statement; 2] {
    let backend = conn.get_database_backend();
    let statements = if backend == DbBackend::Postgres {
        [
            doubt!("status = 'queued'", " FOR UPDATE SKIP LOCKED"),
            doubt!("status IN ('claimed', 'sending')", " FOR UPDATE SKIP LOCKED"),
        ]
    } else {
        [
            doubt!("status = 'queued'", ""),
            doubt!("status IN ('claimed', 'sending')", ""),
        ]
    };
    statements.map(|sql| {
        let values: [Value; 4] = [
            organization.into(),
            reason.into(),
            now.into(),
            i64::from(limit).into(),
        ];
        Statement::from_sql_and_values(backend, sql, values)
    })
}

macro_rules! take {
    ($lock:literal) => {
        concat!(
            "WITH oldest AS MATERIALIZED (SELECT id AS old_id FROM email_visits WHERE organization_id = $1 \
             ORDER BY id LIMIT $2",
            $lock,
            ") DELETE FROM email_visits WHERE organization_id = $1 AND id IN (SELECT old_id FROM oldest) \
             RETURNING organization_id, id, message_id, kind, url, user_agent, method, network, language, created_at"
        )
    };
}

/// Takes the oldest opens and clicks that wait out of their table.
pub(crate) fn take_visits(conn: &impl ConnectionTrait, organization: Uuid, limit: u32) -> Statement {
    let backend = conn.get_database_backend();
    let sql = if backend == DbBackend::Postgres {
        take!(" FOR UPDATE SKIP LOCKED")
    } else {
        take!("")
    };
    let values: [Value; 2] = [organization.into(), i64::from(limit).into()];
    Statement::from_sql_and_values(backend, sql, values)
}

/// When something happened for the first time with a mail; the column is the key.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FirstTimes {
    pub id: Uuid,
    pub opened_at: Option<DateTime<Utc>>,
    pub clicked_at: Option<DateTime<Utc>>,
    pub unsubscribed_at: Option<DateTime<Utc>>,
}

const MARK_ON_POSTGRES: &str = "UPDATE email_messages SET opened_at = COALESCE(first.opened_at, email_messages.opened_at), \
    clicked_at = COALESCE(first.clicked_at, email_messages.clicked_at), \
    unsubscribed_at = COALESCE(first.unsubscribed_at, email_messages.unsubscribed_at) \
    FROM jsonb_to_recordset($2) AS first(id uuid, opened_at timestamptz, clicked_at timestamptz, unsubscribed_at timestamptz) \
    WHERE email_messages.organization_id = $1 AND email_messages.id = first.id";

const MARK_ON_SQLITE: &str = "UPDATE email_messages SET opened_at = COALESCE($3, opened_at), \
    clicked_at = COALESCE($4, clicked_at), unsubscribed_at = COALESCE($5, unsubscribed_at) \
    WHERE organization_id = $1 AND id = $2";

/// Writes the times that there are. The rows must be locked.
pub(crate) fn mark_messages(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    marks: &[FirstTimes],
) -> Result<Vec<Statement>, StoreError> {
    let backend = conn.get_database_backend();
    if backend == DbBackend::Postgres {
        let marks = serde_json::to_value(marks).map_err(StoreError::other)?;
        let values: [Value; 2] = [organization.into(), marks.into()];
        return Ok(vec![Statement::from_sql_and_values(
            backend,
            MARK_ON_POSTGRES,
            values,
        )]);
    }
    let mark = |mark: &FirstTimes| {
        let values: [Value; 5] = [
            organization.into(),
            mark.id.into(),
            mark.opened_at.into(),
            mark.clicked_at.into(),
            mark.unsubscribed_at.into(),
        ];
        Statement::from_sql_and_values(backend, MARK_ON_SQLITE, values)
    };
    Ok(marks.iter().map(mark).collect())
}
