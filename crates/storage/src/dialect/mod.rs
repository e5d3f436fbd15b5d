//! The one place that asks which database it talks to. Whatever must differ is a named function here; the files
//! `postgres.rs` and `sqlite.rs` open the two databases.
//!
//! SQL texts in this folder are constants or depend only on the backend, and a page's on its limit: the driver keeps
//! prepared statements by text.

mod begun;
mod bulk;
mod claim;
mod columns;
mod connection;
mod custom_field;
mod days;
mod filter;
mod hours;
mod insert;
#[cfg(test)]
mod interleaved;
mod lookup;
mod merged;
mod messages;
mod parts;
mod pool;
mod postgres;
mod reach;
mod runs;
mod scores;
mod sqlite;
mod time;
mod timeline;
mod transaction;
mod walls;

pub(crate) use bulk::{FoundAddress, MessageEnd, end_messages, restore_leads, update_leads, verify_leads};
pub(crate) use claim::{Claim, claim_jobs, due_kinds};
pub(crate) use connection::Connection;
pub(crate) use custom_field::{CustomField, NumberTest};
pub(crate) use days::sent_on_day;
pub(crate) use filter::{
    ascii_lower, contains, is_not_true, json_array_contains, json_array_is_empty, json_array_overlaps,
    json_mentions, utc_month,
};
pub(crate) use hours::{response_hours, response_hours_of};
pub(crate) use insert::{insert_new, insert_new_leads};
pub(crate) use lookup::{leads_by_email, scores_by_lead};
pub(crate) use merged::{merged_count, merges};
pub(crate) use messages::{
    FirstTimes, claim_messages, doubt_messages, mark_messages, sweep_messages, take_visits,
};
pub(crate) use parts::{composed, domain_of, hour_of};
pub(crate) use pool::Pool;
pub(crate) use postgres::{is_url as is_postgres, listen, notify};
pub(crate) use reach::Reach;
pub(crate) use runs::running_of_schedule;
pub(crate) use scores::{LineChange, ScoreChange, delete_lines, update_lines, update_scores};
pub(crate) use time::{json_text, whole_days};
pub(crate) use timeline::campaign_timeline;
pub(crate) use transaction::Transaction;
pub(crate) use walls::{inspect as inspect_walls, raise as raise_walls, slow_searches};

use crate::connect::{ConnectError, ConnectOptions};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::SelectStatement;
use sea_orm::sqlx::PgPool;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait, Value,
};

/// An open database.
pub(crate) struct Pools {
    pub reader: Pool,
    pub writer: Pool,
    /// Where other processes can be told about work, if the database can do that.
    pub hints: Option<PgPool>,
}

pub(crate) async fn open(url: &str, options: &ConnectOptions) -> Result<Pools, ConnectError> {
    if postgres::is_url(url) {
        postgres::open(url, options).await
    } else if sqlite::is_url(url) {
        sqlite::open(url, options).await
    } else {
        Err(ConnectError::Address(
            "the address of the database must start with sqlite:// or postgres://".to_owned(),
        ))
    }
}

/// A connection of its own without the time limits of ordinary ones.
pub(crate) async fn open_for_migrations(url: &str) -> Result<DatabaseConnection, DbErr> {
    if postgres::is_url(url) {
        postgres::open_for_migrations(url).await
    } else {
        sqlite::open_for_migrations(url).await
    }
}

/// The transaction of the migrations: one process at a time, and of all rows, because a migration that moves some moves
/// those of every organization. On SQLite beginning it waits for the others already.
pub(crate) async fn begin_migrations(conn: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    if conn.get_database_backend() == DbBackend::Postgres {
        let transaction = conn.begin().await?;
        transaction
            .execute_unprepared("SELECT pg_advisory_xact_lock(7274396301)")
            .await?;
        transaction.execute_unprepared(&Reach::Everything.set()).await?;
        return Ok(transaction);
    }
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    conn.begin_with_options(options).await
}

/// Locks the rows that a query reads until the transaction ends. On SQLite the whole database is locked already.
pub(crate) fn lock_for_update(conn: &impl ConnectionTrait, query: &mut SelectStatement) {
    if conn.get_database_backend() == DbBackend::Postgres {
        query.lock_exclusive();
    }
}

/// The same for one table of a join.
pub(crate) fn lock_table_for_update(
    conn: &impl ConnectionTrait,
    query: &mut SelectStatement,
    table: impl sea_orm::sea_query::IntoTableRef,
) {
    if conn.get_database_backend() == DbBackend::Postgres {
        query.lock_with_tables(sea_orm::sea_query::LockType::Update, [table]);
    }
}

/// A page's query, whose last clause is its limit.
///
/// On PostgreSQL the limit becomes part of the text: of a limit that is a parameter the planner assumes a tenth of all rows,
/// so that it either makes a new plan each time, which takes longer than running it, or sorts the whole table.
pub(crate) fn page(conn: &impl ConnectionTrait, query: &SelectStatement) -> Statement {
    page_on(conn.get_database_backend(), query)
}

fn page_on(backend: DbBackend, query: &SelectStatement) -> Statement {
    let mut statement = backend.build(query);
    if backend == DbBackend::Postgres
        && let Some(values) = &mut statement.values
        && let Some(Value::BigUnsigned(Some(limit))) = values.0.last().cloned()
        && let Some(text) = statement.sql.strip_suffix(&format!("LIMIT ${}", values.0.len()))
    {
        statement.sql = format!("{text}LIMIT {limit}");
        values.0.pop();
    }
    statement
}

/// Product and version.
pub(crate) async fn describe(conn: &impl ConnectionTrait) -> Result<String, DbErr> {
    let (product, sql) = match conn.get_database_backend() {
        DbBackend::Postgres => (
            "PostgreSQL",
            "SELECT current_setting('server_version') AS version",
        ),
        _ => ("SQLite", "SELECT sqlite_version() AS version"),
    };
    let version: String = one(conn, sql).await?.try_get("", "version")?;
    Ok(format!("{product} {version}"))
}

/// The database's own time. SQLite's is this machine's, to the millisecond.
pub(crate) async fn database_time(conn: &impl ConnectionTrait) -> Result<DateTime<Utc>, DbErr> {
    let sql = match conn.get_database_backend() {
        DbBackend::Postgres => "SELECT clock_timestamp() AS now",
        _ => "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now') AS now",
    };
    one(conn, sql).await?.try_get("", "now")
}

/// A statement whose text is a constant and fits both databases; parameters are `$1`, `$2`, ...
pub(crate) fn statement<const N: usize>(
    conn: &impl ConnectionTrait,
    sql: &'static str,
    values: [Value; N],
) -> Statement {
    Statement::from_sql_and_values(conn.get_database_backend(), sql, values)
}

/// Runs such a statement; the number of rows it changed.
pub(crate) async fn execute<const N: usize>(
    conn: &impl ConnectionTrait,
    sql: &'static str,
    values: [Value; N],
) -> Result<u64, DbErr> {
    Ok(conn
        .execute_raw(statement(conn, sql, values))
        .await?
        .rows_affected())
}

async fn one(conn: &impl ConnectionTrait, sql: &'static str) -> Result<sea_orm::QueryResult, DbErr> {
    let statement = Statement::from_string(conn.get_database_backend(), sql);
    conn.query_one_raw(statement)
        .await?
        .ok_or_else(|| DbErr::RecordNotFound(sql.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::sea_query::{Expr, ExprTrait, Query};

    #[test]
    fn a_page_has_its_limit_in_the_text_where_the_planner_wants_it() {
        let query = Query::select()
            .column("id")
            .from("leads")
            .and_where(Expr::col("name").eq("Ada"))
            .limit(51)
            .take();
        let on_postgres = page_on(DbBackend::Postgres, &query);
        assert!(on_postgres.sql.ends_with(" LIMIT 51"), "{}", on_postgres.sql);
        assert_eq!(on_postgres.values.map(|values| values.0.len()), Some(1));
        let on_sqlite = page_on(DbBackend::Sqlite, &query);
        assert_eq!(on_sqlite.values.map(|values| values.0.len()), Some(2));
    }
}
