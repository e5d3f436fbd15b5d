//! Many rows as parameters of PostgreSQL: one for each column, which is the text of an array.
//!
//! A list of VALUES would be another text for every number of rows, and the driver and the server keep each of them prepared, with
//! thousands of parameters. One JSON parameter costs both sides three times as much, for it names every column in every row.
//! The driver's own arrays can't hold NULL.

use groundswell_domain::StoreError;
use sea_orm::sea_query::ColumnType;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, EntityTrait, IdenStatic, IntoActiveModel, Iterable, Value,
};
use std::fmt::Write;

/// The elements of a PostgreSQL array, as they are read by its input function.
#[derive(Debug, Default)]
pub(super) struct ArrayText(String);

impl ArrayText {
    fn next(&mut self) -> &mut String {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        &mut self.0
    }

    pub fn text(&mut self, text: &str) {
        let out = self.next();
        out.push('"');
        for part in text.split_inclusive(['"', '\\']) {
            let special = part.ends_with(['"', '\\']);
            let (plain, last) = part.split_at(part.len() - usize::from(special));
            out.push_str(plain);
            if special {
                out.push('\\');
            }
            out.push_str(last);
        }
        out.push('"');
    }

    /// Something whose text has no signs that mean anything in an array.
    pub fn plain(&mut self, value: impl std::fmt::Display) {
        // A String takes everything.
        let _ = write!(self.next(), "{value}");
    }

    fn value(&mut self, value: Value) -> Result<(), StoreError> {
        match value {
            Value::String(Some(text)) => self.text(&text),
            Value::Json(Some(json)) => self.text(&serde_json::to_string(&json).map_err(StoreError::other)?),
            Value::Uuid(Some(id)) => self.plain(id.as_hyphenated()),
            Value::ChronoDateTimeUtc(Some(time)) => self.plain(time.format("%FT%T%.6fZ")),
            Value::Bool(Some(flag)) => self.plain(flag),
            Value::SmallInt(Some(number)) => self.plain(number),
            Value::Int(Some(number)) => self.plain(number),
            Value::BigInt(Some(number)) => self.plain(number),
            Value::Double(Some(number)) => self.plain(number),
            Value::String(None)
            | Value::Json(None)
            | Value::Uuid(None)
            | Value::ChronoDateTimeUtc(None)
            | Value::Bool(None)
            | Value::SmallInt(None)
            | Value::Int(None)
            | Value::BigInt(None)
            | Value::Double(None) => self.plain("NULL"),
            other => {
                return Err(StoreError::other(format!(
                    "{other:?} is not written in arrays yet"
                )));
            }
        }
        Ok(())
    }

    pub fn finish(mut self) -> Value {
        if self.0.is_empty() {
            self.0.push('{');
        }
        self.0.push('}');
        self.0.into()
    }
}

/// The rows of a table, a parameter for each column.
pub(super) fn parameters<E>(rows: Vec<E::Model>) -> Result<Vec<Value>, StoreError>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
{
    let mut columns: Vec<(E::Column, ArrayText)> = E::Column::iter()
        .map(|column| (column, ArrayText::default()))
        .collect();
    for row in rows {
        let mut row = row.into_active_model();
        for (column, array) in &mut columns {
            match row.take(*column) {
                ActiveValue::Set(value) | ActiveValue::Unchanged(value) => array.value(value)?,
                ActiveValue::NotSet => {
                    return Err(StoreError::other(format!("{} is not set", column.as_str())));
                }
            }
        }
    }
    Ok(columns.into_iter().map(|(_, array)| array.finish()).collect())
}

/// The same rows in a statement: `unnest(...) AS name(columns)`.
pub(super) fn table<E: EntityTrait>(name: &str) -> Result<String, StoreError> {
    let mut parameters = Vec::new();
    let mut columns = Vec::new();
    for (number, column) in E::Column::iter().enumerate() {
        parameters.push(format!(
            "${}::text::{}[]",
            number + 1,
            type_of(column.def().get_column_type())?
        ));
        columns.push(format!("\"{}\"", column.as_str()));
    }
    Ok(format!(
        "unnest({}) AS {name}({})",
        parameters.join(", "),
        columns.join(", ")
    ))
}

fn type_of(column: &ColumnType) -> Result<&'static str, StoreError> {
    Ok(match column {
        ColumnType::Uuid => "uuid",
        ColumnType::Text | ColumnType::String(_) => "text",
        ColumnType::SmallInteger => "int2",
        ColumnType::Integer => "int4",
        ColumnType::BigInteger => "int8",
        ColumnType::Double => "float8",
        ColumnType::Boolean => "bool",
        ColumnType::Json | ColumnType::JsonBinary => "jsonb",
        ColumnType::TimestampWithTimeZone => "timestamptz",
        other => {
            return Err(StoreError::other(format!(
                "{other:?} is not written in arrays yet"
            )));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta};
    use sea_orm::prelude::Uuid;

    #[test]
    fn elements_are_what_the_server_reads() {
        let mut array = ArrayText::default();
        for value in [
            Value::from("plain"),
            Value::from(r#"a "quoted" \ word, {with} signs"#),
            Value::from(""),
            Value::from("NULL"),
            Value::String(None),
            Value::from(serde_json::json!({ "a": "b\"c" })),
            Value::from(Uuid::nil()),
            Value::from(-7),
            Value::from(true),
            Value::from(0.5),
            Value::from(DateTime::UNIX_EPOCH + TimeDelta::microseconds(1_500_001)),
        ] {
            array.value(value).unwrap();
        }
        assert_eq!(
            array.finish(),
            Value::from(
                r#"{"plain","a \"quoted\" \\ word, {with} signs","","NULL",NULL,"{\"a\":\"b\\\"c\"}",00000000-0000-0000-0000-000000000000,-7,true,0.5,1970-01-01T00:00:01.500001Z}"#
            )
        );
        assert_eq!(ArrayText::default().finish(), Value::from("{}"));
        assert!(ArrayText::default().value(Value::Bytes(None)).is_err());
    }
}
