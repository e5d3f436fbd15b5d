//! Counting lists that are merged in the order of their indexes.
//!
//! PostgreSQL would put one of two long lists into a hash table, and spill it to the disk: its planner thinks reading an index in
//! order dearer than it is. Such a statement says by its first words that it is one, and gets a transaction without hashes.

use sea_orm::sea_query::{Expr, SelectStatement};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use uuid::Uuid;

/// How such a statement begins.
pub(super) const MERGED: &str = "SELECT /* merged */";

/// Whether the database can. SQLite would build a table of one of the lists.
pub(crate) fn merges(conn: &impl ConnectionTrait) -> bool {
    conn.get_database_backend() == DbBackend::Postgres
}

/// Counts the rows of `select`, which has no columns yet; or, of an organization, the leads that are not in it. Each lead has one
/// row of scores, which is the smallest there is; the counters tell how many leads there ever were.
pub(crate) fn merged_count(
    conn: &impl ConnectionTrait,
    mut select: SelectStatement,
    all_but: Option<Uuid>,
) -> Statement {
    match all_but {
        None => select.expr(Expr::cust("/* merged */ COUNT(*)")),
        Some(organization) => select.expr(Expr::cust_with_values(
            "/* merged */ (SELECT COUNT(*) FROM lead_scores WHERE organization_id = $1) - COUNT(*)",
            [organization],
        )),
    };
    conn.get_database_backend().build(&select)
}
