//! The few ways in which something can go wrong, by meaning. The HTTP status of each is decided once, in the API.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A place in a text of several lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Position {
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// In characters.
    pub length: u32,
}

/// One field of the input and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// Path of the field, for example `fields[2].name`.
    pub field: String,
    /// A sentence a person understands.
    pub message: String,
    /// Where in the text of the field, as far as it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
}

impl FieldError {
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
            position: None,
        }
    }

    #[must_use]
    pub fn at(self, position: Position) -> Self {
        Self {
            position: Some(position),
            ..self
        }
    }
}

/// What a use-case answers when it can't do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Absent, or another organization's: the two are not told apart.
    #[error("{what} not found")]
    NotFound { what: &'static str },
    /// A lead that is part of another one by now.
    #[error("this lead was merged: it is part of the lead {into} now")]
    Merged { into: crate::ids::LeadId },
    /// The thing is not in a state in which this can be done. `code` is stable and machine-readable.
    #[error("{message}")]
    Conflict { code: &'static str, message: String },
    /// The caller changed a version that is no longer the newest (`If-Match`).
    #[error("{what} was changed by someone else: it is at version {current}")]
    Stale { what: &'static str, current: i32 },
    #[error("{}", summary(.0))]
    Invalid(Vec<FieldError>),
    #[error("{0}")]
    Forbidden(String),
    #[error("{0}")]
    Unauthenticated(String),
    #[error("too many requests: try again in {} seconds", .retry_after.as_secs().max(1))]
    RateLimited { retry_after: Duration },
    /// Something that Groundswell needs is away for now.
    #[error("{message}")]
    Unavailable { message: String, retry_after: Duration },
    /// A fault of ours. The source is logged and never shown.
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

fn summary(fields: &[FieldError]) -> String {
    match fields {
        [] => "the input is not valid".into(),
        [one] => format!("{}: {}", one.field, one.message),
        [first, rest @ ..] => format!("{}: {} (and {} more)", first.field, first.message, rest.len()),
    }
}

impl Error {
    /// One invalid field.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, message)])
    }

    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::Conflict {
            code,
            message: message.into(),
        }
    }

    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }
}

/// What a store can answer besides data. Missing rows are `Ok(None)`, never an error.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique key is taken. `constraint` is the database's name of it, as far as it tells.
    #[error("a unique key is taken: {constraint}")]
    Duplicate { constraint: String },
    /// A row that is referred to does not exist (or is another organization's).
    #[error("a referenced row does not exist: {constraint}")]
    MissingReference { constraint: String },
    /// The database is away, overloaded, or gave up waiting for a lock; trying again later is right.
    #[error("the database is not available: {0}")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the store failed: {0}")]
    Other(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    pub fn other(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Other(source.into())
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Duplicate { .. } => Self::conflict("already_exists", "this already exists"),
            StoreError::MissingReference { .. } => Self::conflict(
                "missing_reference",
                "this refers to something that does not exist",
            ),
            StoreError::Unavailable(source) => {
                // The caller sees a sentence; the log keeps the cause.
                let _ = &source;
                Self::Unavailable {
                    message: "the database is not available right now".into(),
                    retry_after: Duration::from_secs(2),
                }
            }
            StoreError::Other(source) => Self::Internal(source),
        }
    }
}
