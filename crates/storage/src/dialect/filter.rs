//! Conditions that the two databases spell differently.

use sea_orm::sea_query::extension::postgres::PgExpr;
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend};

/// The text column contains `part`, without case. `%` and `_` in it mean themselves.
///
/// SQLite folds only ASCII letters: `lower()` there does not know others.
pub(crate) fn contains(conn: &impl ConnectionTrait, column: impl ColumnTrait, part: &str) -> SimpleExpr {
    has(conn, Expr::col(column.as_column_ref()), part)
}

/// The same for a JSON column, in the text of its values.
pub(crate) fn json_mentions(conn: &impl ConnectionTrait, column: impl ColumnTrait, part: &str) -> SimpleExpr {
    has(conn, Expr::col(column.as_column_ref()).cast_as("text"), part)
}

fn has(conn: &impl ConnectionTrait, text: SimpleExpr, part: &str) -> SimpleExpr {
    let mut pattern = String::with_capacity(part.len() + 2);
    pattern.push('%');
    for character in part.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    match conn.get_database_backend() {
        // The backslash escapes by default.
        DbBackend::Postgres => text.ilike(pattern),
        // LIKE does not look at the case of ASCII letters.
        _ => text.like(LikeExpr::new(pattern).escape('\\')),
    }
}

/// The JSON array column has at least one of `words`. On PostgreSQL a GIN index on the column answers it.
pub(crate) fn json_array_overlaps(
    conn: &impl ConnectionTrait,
    column: impl ColumnTrait,
    words: &[String],
) -> SimpleExpr {
    let column = Expr::col(column.as_column_ref());
    match conn.get_database_backend() {
        // Not `?|`: SQL builders take the question mark for a parameter.
        DbBackend::Postgres => words.iter().fold(Expr::val(false), |any, word| {
            any.or(column
                .clone()
                .contains(Expr::val(json(std::slice::from_ref(word)))))
        }),
        _ => Expr::cust_with_exprs(
            "EXISTS (SELECT 1 FROM json_each(?) AS has JOIN json_each(?) AS wanted ON has.value = wanted.value)",
            [column, Expr::val(json(words).to_string())],
        ),
    }
}

/// The JSON array column has all of `words`. On PostgreSQL a GIN index on the column answers it.
pub(crate) fn json_array_contains(
    conn: &impl ConnectionTrait,
    column: impl ColumnTrait,
    words: &[String],
) -> SimpleExpr {
    let column = Expr::col(column.as_column_ref());
    match conn.get_database_backend() {
        DbBackend::Postgres => column.contains(Expr::val(json(words))),
        _ => Expr::cust_with_exprs(
            "NOT EXISTS (SELECT 1 FROM json_each(?) AS wanted \
             WHERE wanted.value NOT IN (SELECT has.value FROM json_each(?) AS has))",
            [Expr::val(json(words).to_string()), column],
        ),
    }
}

/// The JSON array column has nothing in it.
pub(crate) fn json_array_is_empty(conn: &impl ConnectionTrait, column: impl ColumnTrait) -> SimpleExpr {
    let column = Expr::col(column.as_column_ref());
    match conn.get_database_backend() {
        DbBackend::Postgres => Expr::cust_with_exprs("($1 = '[]'::jsonb)", [column]),
        _ => Expr::cust_with_exprs("(json_array_length(?) = 0)", [column]),
    }
}

/// The text column with its letters from A to Z in lower case, and all others as they are: what both databases agree on.
pub(crate) fn ascii_lower(conn: &impl ConnectionTrait, column: impl ColumnTrait) -> SimpleExpr {
    let column = Expr::col(column.as_column_ref());
    match conn.get_database_backend() {
        DbBackend::Postgres => Expr::cust_with_exprs("lower($1 COLLATE \"C\")", [column]),
        _ => Expr::cust_with_exprs("lower(?)", [column]),
    }
}

/// The condition does not hold, or is NULL.
pub(crate) fn is_not_true(conn: &impl ConnectionTrait, condition: SimpleExpr) -> SimpleExpr {
    // Written out: as an operand, TRUE would come in parentheses, which PostgreSQL does not understand here.
    match conn.get_database_backend() {
        DbBackend::Postgres => Expr::cust_with_exprs("(($1) IS NOT TRUE)", [condition]),
        _ => Expr::cust_with_exprs("((?) IS NOT TRUE)", [condition]),
    }
}

/// The month of a time in UTC, for example `2027-01`.
pub(crate) fn utc_month(conn: &impl ConnectionTrait, column: impl ColumnTrait) -> SimpleExpr {
    let column = Expr::col(column.as_column_ref());
    match conn.get_database_backend() {
        DbBackend::Postgres => Expr::cust_with_exprs("to_char($1 AT TIME ZONE 'UTC', 'YYYY-MM')", [column]),
        // Times are texts that start with it.
        _ => Expr::cust_with_exprs("substr(?, 1, 7)", [column]),
    }
}

fn json(words: &[String]) -> serde_json::Value {
    serde_json::Value::Array(
        words
            .iter()
            .map(|word| serde_json::Value::from(word.as_str()))
            .collect(),
    )
}
