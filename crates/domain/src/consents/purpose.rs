//! What is agreed to.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// In characters.
const LONGEST: usize = 64;
const MARKETING: &str = "marketing";

/// A purpose such as `marketing` or `newsletter`: 1 to 64 of a-z, 0-9, `_` and `-`.
///
/// Any name is possible; [`Purpose::marketing`] is the one that campaigns heed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Purpose(String);

impl Purpose {
    /// Mail of campaigns, and what a one-click unsubscription ends.
    pub fn marketing() -> Self {
        Self(MARKETING.to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Purpose {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let fine =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
        if text.is_empty() || text.len() > LONGEST || !text.bytes().all(fine) {
            return Err(format!("must have 1 to {LONGEST} of a-z, 0-9, _ and -"));
        }
        Ok(Self(text))
    }
}

impl FromStr for Purpose {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        text.to_owned().try_into()
    }
}

impl From<Purpose> for String {
    fn from(purpose: Purpose) -> Self {
        purpose.0
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(feature = "openapi")]
mod schema {
    use super::{LONGEST, MARKETING, Purpose};
    use utoipa::openapi::schema::{ObjectBuilder, Type};
    use utoipa::openapi::{RefOr, Schema};

    impl utoipa::PartialSchema for Purpose {
        fn schema() -> RefOr<Schema> {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .min_length(Some(1))
                .max_length(Some(LONGEST))
                .pattern(Some("^[a-z0-9_-]+$"))
                .examples([MARKETING])
                .into()
        }
    }
    impl utoipa::ToSchema for Purpose {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_are_short_and_plain() {
        for name in ["marketing", "x", "third-parties_2", "9", &"a".repeat(64)] {
            assert_eq!(name.parse::<Purpose>().unwrap().as_str(), name);
        }
        for name in ["", "Marketing", "a b", "a.b", "ä", "a\n", &"a".repeat(65)] {
            assert!(name.parse::<Purpose>().is_err(), "{name:?}");
        }
        assert_eq!("marketing".parse(), Ok(Purpose::marketing()));
    }
}
