//! Parts of values.

use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

/// A statement that was put together of constants, and of what is in this file; everything else is a value.
pub(crate) fn composed(conn: &impl ConnectionTrait, sql: String, values: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(conn.get_database_backend(), sql, values)
}

/// What comes after the @ of an address in this column.
pub(crate) fn domain_of(conn: &impl ConnectionTrait, column: &str) -> String {
    match conn.get_database_backend() {
        DbBackend::Postgres => format!("split_part({column}, '@', 2)"),
        _ => format!("substr({column}, instr({column}, '@') + 1)"),
    }
}

/// The hour of a time in this column, in UTC, as two digits.
pub(crate) fn hour_of(conn: &impl ConnectionTrait, column: &str) -> String {
    match conn.get_database_backend() {
        DbBackend::Postgres => format!("to_char({column} AT TIME ZONE 'UTC', 'HH24')"),
        _ => format!("substr({column}, 12, 2)"),
    }
}
