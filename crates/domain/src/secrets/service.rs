//! What a secret is for.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// In characters.
const LONGEST: usize = 64;

/// The name of a service, such as `openai` or `smtp`: 1 to 64 of a-z, 0-9, `_` and `-`.
///
/// Any name is possible: which ones mean something is up to those who look for them. Only what begins with `dkim-key-` is ours.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Service(String);

/// How the names begin under which we keep keys of our own. People neither see nor set them.
const OURS: &str = "dkim-key-";

impl Service {
    /// A key that we made, for what is named by a-z, 0-9 and `-`.
    pub fn of_key(name: &str) -> Self {
        Self(format!("{OURS}{name}"))
    }

    /// Whether it is one of those keys.
    pub fn is_ours(&self) -> bool {
        self.0.starts_with(OURS)
    }

    /// How their names begin, for who leaves them out of a list.
    pub fn ours() -> &'static str {
        OURS
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Service {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let fine =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
        if text.is_empty() || text.len() > LONGEST || !text.bytes().all(fine) {
            return Err(format!("must have 1 to {LONGEST} of a-z, 0-9, _ and -"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Service {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Service {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "openapi")]
mod schema {
    use super::{LONGEST, Service};
    use utoipa::openapi::schema::{ObjectBuilder, Type};
    use utoipa::openapi::{RefOr, Schema};

    impl utoipa::PartialSchema for Service {
        fn schema() -> RefOr<Schema> {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .min_length(Some(1))
                .max_length(Some(LONGEST))
                .pattern(Some("^[a-z0-9_-]+$"))
                .examples(["openai"])
                .into()
        }
    }
    impl utoipa::ToSchema for Service {}
}

#[cfg(test)]
mod tests {
    use super::Service;

    #[test]
    fn names_are_short_and_plain() {
        for name in ["openai", "smtp", "x", "google-ads_2", "9", &"a".repeat(64)] {
            assert_eq!(name.parse::<Service>().unwrap().as_str(), name);
        }
        for name in [
            "",
            "OpenAI",
            "open ai",
            "öpenai",
            "a/b",
            "a.b",
            "a\n",
            &"a".repeat(65),
        ] {
            assert!(name.parse::<Service>().is_err(), "{name:?}");
        }
    }
}
