//! Times in statements, in UTC and to the second, so that both databases answer alike.

use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ConnectionTrait, DbBackend};

/// Whole days of 24 hours from one time to another.
pub(crate) fn whole_days(
    conn: &impl ConnectionTrait,
    from: impl Into<SimpleExpr>,
    to: impl Into<SimpleExpr>,
) -> SimpleExpr {
    let sql = match conn.get_database_backend() {
        DbBackend::Postgres => {
            "CAST(FLOOR((FLOOR(EXTRACT(EPOCH FROM $1)) - FLOOR(EXTRACT(EPOCH FROM $2))) / 86400) AS BIGINT)"
        }
        _ => "((unixepoch(?) - unixepoch(?)) / 86400)",
    };
    Expr::cust_with_exprs(sql, [to.into(), from.into()])
}

/// The text of a key of a JSON object.
pub(crate) fn json_text(conn: &impl ConnectionTrait, json: impl Into<SimpleExpr>, key: &str) -> SimpleExpr {
    let sql = match conn.get_database_backend() {
        DbBackend::Postgres => "($1 ->> $2)",
        _ => "json_extract(?, '$.' || ?)",
    };
    Expr::cust_with_exprs(sql, [json.into(), Expr::val(key)])
}
