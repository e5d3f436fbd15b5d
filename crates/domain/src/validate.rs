//! Collects everything that is wrong with an input, so that a person mends it in one go.

use crate::error::{Error, FieldError};

/// Field errors gathered so far.
#[derive(Debug, Default)]
pub struct Problems(Vec<FieldError>);

impl Problems {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(FieldError::new(field, message));
    }

    /// Adds a problem unless `ok`.
    pub fn check(&mut self, ok: bool, field: &str, message: impl Into<String>) {
        if !ok {
            self.add(field, message);
        }
    }

    /// Keeps the value of a result, or its field errors under this field's name.
    pub fn take<T>(&mut self, field: &str, result: Result<T, String>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(message) => {
                self.add(field, message);
                None
            }
        }
    }

    /// A single line of text: trimmed, without control characters, `1..=max` characters (or 0 when `optional`).
    pub fn line(&mut self, field: &str, text: &str, max: usize, optional: bool) -> String {
        let text = text.trim();
        if text.is_empty() && !optional {
            self.add(field, "must not be empty");
        }
        if text.chars().count() > max {
            self.add(field, format!("must have at most {max} characters"));
        }
        if text.chars().any(char::is_control) {
            self.add(field, "must not contain line breaks or control characters");
        }
        text.to_owned()
    }

    /// Longer text: line breaks are fine, NUL is not (PostgreSQL can't keep it).
    pub fn text(&mut self, field: &str, text: &str, max: usize) {
        if text.chars().count() > max {
            self.add(field, format!("must have at most {max} characters"));
        }
        if text.contains('\0') {
            self.add(field, "must not contain NUL characters");
        }
    }

    /// A free JSON object: bounded in size, without NUL characters in it.
    pub fn json(&mut self, field: &str, value: &serde_json::Value) {
        let text = value.to_string();
        if text.len() > crate::MAX_FREE_JSON {
            self.add(
                field,
                format!("must have at most {} bytes of JSON", crate::MAX_FREE_JSON),
            );
        }
        if text.contains("\\u0000") {
            self.add(field, "must not contain NUL characters");
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `Ok` when nothing was wrong.
    pub fn finish(self) -> Result<(), Error> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(self.0))
        }
    }
}

impl From<Problems> for Vec<FieldError> {
    fn from(problems: Problems) -> Self {
        problems.0
    }
}
