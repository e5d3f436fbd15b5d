//! What a domain sent on a day, locked until the transaction ends. On SQLite only one transaction writes.

use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

const SENT: &str = "SELECT CAST(sent AS BIGINT) FROM email_domain_days WHERE organization_id = $1 AND domain_id = $2 AND day = $3";
const SENT_LOCKED: &str = "SELECT CAST(sent AS BIGINT) FROM email_domain_days WHERE organization_id = $1 AND domain_id = $2 AND day = $3 FOR UPDATE";

/// By organization, domain and day.
pub(crate) fn sent_on_day(conn: &impl ConnectionTrait, key: [Value; 3]) -> Statement {
    let backend = conn.get_database_backend();
    let sql = if backend == DbBackend::Postgres {
        SENT_LOCKED
    } else {
        SENT
    };
    Statement::from_sql_and_values(backend, sql, key)
}
