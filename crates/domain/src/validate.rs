//! Collects everything that is wrong with an input, so that a person mends it in one go.

use crate::error::{Error, FieldError};
use chrono::{DateTime, Datelike, Utc};

/// Whether a time is in the years 1 to 9999: those that RFC 3339 can write. PostgreSQL knows a few more, and our own
/// type many more.
pub fn is_writable_time(time: DateTime<Utc>) -> bool {
    (1..=9999).contains(&time.year())
}

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

    pub fn push(&mut self, problem: FieldError) {
        self.0.push(problem);
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

    /// A single line that may be missing; one of blanks is.
    pub fn optional_line(&mut self, field: &str, text: Option<&str>, max: usize) -> Option<String> {
        text.map(|text| self.line(field, text, max, true))
            .filter(|text| !text.is_empty())
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

    /// A time, if there is one: in years that can be kept, and truncated to microseconds, as stores do it.
    pub fn time(&mut self, field: &str, time: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        // By way of the number, so that a leap second becomes the next one, which is what stores make of it.
        let time = time.map(|time| DateTime::from_timestamp_micros(time.timestamp_micros()).unwrap_or(time));
        let ok = time.is_none_or(is_writable_time);
        self.check(ok, field, "must be in the years 1 to 9999");
        time
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_writable_and_whole_microseconds() {
        let time = |text: &str| Some(text.parse::<DateTime<Utc>>().unwrap());
        let mut problems = Problems::new();
        let fine = problems.time("a", time("9999-12-31T23:59:59.999999999Z"));
        assert_eq!(fine, time("9999-12-31T23:59:59.999999Z"));
        let leap = problems.time("c", time("2027-06-30T23:59:60Z"));
        assert_eq!(leap, time("2027-07-01T00:00:00Z"));
        assert_eq!(problems.time("b", None), None);
        assert!(problems.is_empty());
        for year in ["-262143", "0000", "+10000"] {
            problems.time(year, time(&format!("{year}-01-01T00:00:00Z")));
        }
        assert_eq!(Vec::<FieldError>::from(problems).len(), 3);
    }
}
