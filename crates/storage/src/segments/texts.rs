//! Conditions on texts of a lead.
//!
//! Name, address, company and title are lines of one column in lower case, which a trigram index searches: a pattern with
//! all three line breaks can match in one line only.

use crate::dialect;
use crate::entity::leads::Column;
use groundswell_domain::segments::{TextField, TextTest};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait};

const LINES: usize = 4;

pub(super) fn condition(conn: &impl ConnectionTrait, field: TextField, asked: &TextTest) -> SimpleExpr {
    // The line, and what is before the text in it.
    let (line, before) = match field {
        TextField::Name => (0, ""),
        TextField::Email => (1, ""),
        TextField::EmailDomain => (1, "%@"),
        TextField::Company => (2, ""),
        TextField::Title => (3, ""),
        TextField::Phone => return column(conn, Column::Phone, asked),
        TextField::Source => return column(conn, Column::Source, asked),
        TextField::UtmSource => return column(conn, Column::UtmSource, asked),
        TextField::UtmMedium => return column(conn, Column::UtmMedium, asked),
        TextField::UtmCampaign => return column(conn, Column::UtmCampaign, asked),
        TextField::OutcomeReason => return column(conn, Column::OutcomeReason, asked),
    };
    if let (TextField::Email, TextTest::In(values)) = (field, asked) {
        return Column::EmailKey.is_in(values.iter().map(|value| fold(value)));
    }
    let search = |pattern: String| {
        let lines = format!(
            "{}{before}{pattern}{}",
            "%\n".repeat(line),
            "\n%".repeat(LINES - 1 - line)
        );
        like(Expr::col(Column::SearchText.as_column_ref()), lines)
    };
    let part = |text: &str| literally(&fold(text));
    match asked {
        TextTest::In(values) => any(values.iter().map(|value| search(part(value)))),
        TextTest::Contains(text) => search(format!("%{}%", part(text))),
        TextTest::StartsWith(text) => search(format!("{}%", part(text))),
        TextTest::EndsWith(text) => search(format!("%{}", part(text))),
        TextTest::Empty => search(String::new()),
    }
}

/// A column of its own, of which only the case of A to Z is left aside.
fn column(conn: &impl ConnectionTrait, column: Column, asked: &TextTest) -> SimpleExpr {
    let lower = || dialect::ascii_lower(conn, column);
    let part = |text: &str| literally(&text.to_ascii_lowercase());
    match asked {
        TextTest::In(values) => lower().is_in(values.iter().map(|value| value.to_ascii_lowercase())),
        TextTest::Contains(text) => like(lower(), format!("%{}%", part(text))),
        TextTest::StartsWith(text) => like(lower(), format!("{}%", part(text))),
        TextTest::EndsWith(text) => like(lower(), format!("%{}", part(text))),
        TextTest::Empty => column.is_null().or(column.eq("")),
    }
}

fn any(conditions: impl Iterator<Item = SimpleExpr>) -> SimpleExpr {
    conditions
        .reduce(ExprTrait::or)
        .unwrap_or_else(|| Expr::val(1).eq(0))
}

fn like(text: SimpleExpr, pattern: String) -> SimpleExpr {
    text.like(LikeExpr::new(pattern).escape('\\'))
}

/// As the column of searches is written.
fn fold(text: &str) -> String {
    text.to_lowercase().replace(char::is_control, " ")
}

/// With the signs of LIKE meaning themselves.
pub(super) fn literally(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}
