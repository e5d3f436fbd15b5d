//! Between column values and domain types. A value that does not fit was not written by this program (or by a newer
//! one): an error that names the column, never a panic.

use groundswell_domain::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Display;
use std::str::FromStr;

/// Reads a word (an enum, a currency) from a text column.
pub(crate) fn parse<T: FromStr<Err: Display>>(column: &'static str, text: &str) -> Result<T, StoreError> {
    text.parse()
        .map_err(|error| StoreError::other(format!("unreadable value in {column}: {error}")))
}

/// Reads a JSON column.
pub(crate) fn from_json<T: DeserializeOwned>(
    column: &'static str,
    value: serde_json::Value,
) -> Result<T, StoreError> {
    serde_json::from_value(value)
        .map_err(|error| StoreError::other(format!("unreadable JSON in {column}: {error}")))
}

/// A JSON column that is read straight into its type: for rows that are read by the dozen.
#[derive(serde::Deserialize)]
#[serde(transparent, bound = "T: DeserializeOwned")]
pub(crate) struct Direct<T>(pub T);

impl<T: DeserializeOwned> sea_orm::TryGetableFromJson for Direct<T> {}

/// Makes the value of a JSON column.
pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<serde_json::Value, StoreError> {
    serde_json::to_value(value).map_err(StoreError::other)
}
