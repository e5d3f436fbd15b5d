//! Runs of a schedule that go on.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Value};
use uuid::Uuid;

// The condition on the status is the partial index's own, word for word.
macro_rules! running {
    ($kinds:literal) => {
        concat!(
            "SELECT count(DISTINCT scheduled_for) AS runs FROM jobs WHERE organization_id = $1 AND schedule_id = $2 \
             AND (status = 'queued' OR status = 'running') AND kind ",
            $kinds
        )
    };
}

/// Moments of which a job of one of these kinds is unfinished.
pub(crate) async fn running_of_schedule(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    schedule: Uuid,
    kinds: &[&str],
) -> Result<i64, DbErr> {
    let (sql, kinds): (_, Value) = if conn.get_database_backend() == DbBackend::Postgres {
        let kinds: Vec<String> = kinds.iter().map(|&kind| kind.to_owned()).collect();
        (running!("= ANY($3)"), kinds.into())
    } else {
        let kinds = serde_json::Value::from(kinds.to_vec()).to_string();
        (running!("IN (SELECT value FROM json_each($3))"), kinds.into())
    };
    let values = [organization.into(), schedule.into(), kinds];
    let row = conn.query_one_raw(super::statement(conn, sql, values)).await?;
    row.map_or(Ok(0), |row| row.try_get("", "runs"))
}
