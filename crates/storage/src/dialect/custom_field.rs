//! Questions about one key of a JSON object, as the conditions of segments ask them.
//!
//! The key is always a bound value: on SQLite a path would have to be quoted, and quoting has gaps.

use sea_orm::sea_query::extension::postgres::PgExpr;
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend};
use serde_json::{Map, Value};

/// A comparison of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NumberTest {
    Equal,
    Less,
    AtMost,
    More,
    AtLeast,
}

impl NumberTest {
    fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }
}

/// Whether a text is a number: up to 15 digits before and after the point.
const IS_NUMBER: &str = r"'^-{0,1}[0-9]{1,15}([.][0-9]{1,15}){0,1}\Z'";

/// Lengths of whole numbers that are one.
const LENGTHS: &str = "'{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15}'";

/// The same of `f.value`; without regular expressions.
const IS_NUMBER_ON_SQLITE: &str = "ltrim(f.value, '-') GLOB '[0-9]*' AND ltrim(f.value, '-') NOT GLOB '*[^0-9.]*' \
    AND f.value NOT GLOB '--*' AND f.value NOT GLOB '*.*.*' AND f.value NOT GLOB '*.' \
    AND instr(ltrim(f.value, '-') || '.', '.') <= 16 \
    AND length(ltrim(f.value, '-')) - instr(ltrim(f.value, '-') || '.', '.') <= 15";

pub(crate) struct CustomField<'a> {
    backend: DbBackend,
    column: SimpleExpr,
    key: &'a str,
}

impl<'a> CustomField<'a> {
    pub fn new(conn: &impl ConnectionTrait, column: impl ColumnTrait, key: &'a str) -> Self {
        Self {
            backend: conn.get_database_backend(),
            column: Expr::col(column.as_column_ref()),
            key,
        }
    }

    /// The object contains this value under the key.
    fn has(&self, value: Value) -> SimpleExpr {
        let object = Map::from_iter([(self.key.to_owned(), value)]);
        self.column.clone().contains(Expr::val(Value::Object(object)))
    }

    /// `test` about `f.value` and `f.type`; what it binds comes after the key.
    fn on_sqlite(&self, test: &str, values: impl IntoIterator<Item = SimpleExpr>) -> SimpleExpr {
        self.ask_sqlite("EXISTS", test, values)
    }

    fn ask_sqlite(
        &self,
        exists: &str,
        test: &str,
        values: impl IntoIterator<Item = SimpleExpr>,
    ) -> SimpleExpr {
        let sql = format!("({exists} (SELECT 1 FROM json_each(?) AS f WHERE f.key = ? AND ({test})))");
        let bound = [self.column.clone(), Expr::val(self.key)];
        Expr::cust_with_exprs(sql, bound.into_iter().chain(values))
    }

    /// Is this text, or a list with it.
    pub fn is_text(&self, text: &str) -> SimpleExpr {
        if self.backend == DbBackend::Postgres {
            return self
                .has(text.into())
                .or(self.has(Value::Array(vec![text.into()])));
        }
        // What is no list must not get into the inner function: it may be no JSON at all.
        let sql = "(f.type = 'text' AND f.value = ?) OR EXISTS \
            (SELECT 1 FROM json_each(CASE f.type WHEN 'array' THEN f.value ELSE '[]' END) AS i \
            WHERE i.type = 'text' AND i.value = ?)";
        self.on_sqlite(sql, [Expr::val(text), Expr::val(text)])
    }

    /// Is true or false, or the text that says so.
    pub fn is_flag(&self, flag: bool) -> SimpleExpr {
        let word = if flag { "true" } else { "false" };
        if self.backend == DbBackend::Postgres {
            return self.has(flag.into()).or(self.has(word.into()));
        }
        let test = format!("f.type = '{word}' OR (f.type = 'text' AND f.value = '{word}')");
        self.on_sqlite(&test, [])
    }

    /// Is a number, or a text that is one, for which this holds.
    pub fn compares(&self, test: NumberTest, number: f64) -> SimpleExpr {
        let sign = test.sign();
        if self.backend == DbBackend::Postgres {
            // Most are nothing but digits: bytes are trimmed of them several times faster than a pattern is looked for. Each
            // mention of the key is looked up anew, hence the length as a list.
            let sql = format!(
                "(CASE WHEN btrim(convert_to($1 ->> $2, 'UTF8'), '0123456789') = '' AND octet_length($1 ->> $2) = ANY ({LENGTHS}) \
                 OR ($1 ->> $2) COLLATE \"C\" ~ {IS_NUMBER} AND jsonb_typeof($1 -> $2) = 'string' \
                 OR jsonb_typeof($1 -> $2) = 'number' THEN ($1 ->> $2)::float8 END {sign} $3)"
            );
            let bound = [self.column.clone(), Expr::val(self.key), Expr::val(number)];
            return Expr::cust_with_exprs(sql, bound);
        }
        let test = format!(
            "CASE f.type WHEN 'integer' THEN CAST(f.value AS REAL) WHEN 'real' THEN f.value WHEN 'text' THEN \
             CASE WHEN {IS_NUMBER_ON_SQLITE} THEN CAST(f.value AS REAL) END END {sign} ?"
        );
        self.on_sqlite(&test, [Expr::val(number)])
    }

    /// Is a text that this pattern fits, without the case of A to Z; the pattern is in lower case.
    pub fn like(&self, pattern: &str) -> SimpleExpr {
        if self.backend == DbBackend::Postgres {
            let sql = r#"(jsonb_typeof($1 -> $2) = 'string' AND lower(($1 ->> $2) COLLATE "C") LIKE $3)"#;
            let bound = [self.column.clone(), Expr::val(self.key), Expr::val(pattern)];
            return Expr::cust_with_exprs(sql, bound);
        }
        let test = "f.type = 'text' AND lower(f.value) LIKE ? ESCAPE ?";
        self.on_sqlite(test, [Expr::val(pattern), Expr::val("\\")])
    }

    /// Is absent, null, an empty text or an empty list.
    pub fn is_empty(&self) -> SimpleExpr {
        if self.backend == DbBackend::Postgres {
            let sql = r#"COALESCE(($1 -> $2) IN ('null'::jsonb, '""'::jsonb, '[]'::jsonb), true)"#;
            return Expr::cust_with_exprs(sql, [self.column.clone(), Expr::val(self.key)]);
        }
        let something = "f.type <> 'null' AND NOT (f.type = 'text' AND f.value = '') \
            AND NOT (f.type = 'array' AND f.value = '[]')";
        self.ask_sqlite("NOT EXISTS", something, [])
    }
}
