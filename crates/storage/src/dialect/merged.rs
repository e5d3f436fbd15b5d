//! Counting lists that are merged in the order of their indexes.
//!
//! PostgreSQL would put one of two long lists into a hash table, and spill it to the disk: its planner thinks reading an index in
//! order dearer than it is. Such a statement says by its first words that it is one, and gets a transaction without hashes.

use sea_orm::sea_query::{Expr, SelectStatement};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

/// How such a statement begins.
pub(super) const MERGED: &str = "SELECT /* merged */";

/// Whether the database can. SQLite would build a table of one of the lists.
pub(crate) fn merges(conn: &impl ConnectionTrait) -> bool {
    conn.get_database_backend() == DbBackend::Postgres
}

/// Counts the rows of `select`, which has no columns yet.
pub(crate) fn merged_count(conn: &impl ConnectionTrait, mut select: SelectStatement) -> Statement {
    select.expr(Expr::cust("/* merged */ COUNT(*)"));
    conn.get_database_backend().build(&select)
}
