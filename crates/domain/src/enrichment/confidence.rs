//! How sure a source is.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// 0 to 1, in whole percent, so that two of them can be compared exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Confidence(u8);

impl Confidence {
    /// More than 100 counts as 100.
    pub fn percent(percent: u8) -> Self {
        Self(percent.min(100))
    }

    pub fn as_percent(self) -> u8 {
        self.0
    }

    /// From 0 to 1; anything else is nothing.
    pub fn new(share: f64) -> Option<Self> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the range is checked"
        )]
        let percent = |share: f64| Self((share * 100.0).round() as u8);
        (0.0..=1.0).contains(&share).then(|| percent(share))
    }

    pub fn as_share(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_share())
    }
}

impl Serialize for Confidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_share())
    }
}

impl<'de> Deserialize<'de> for Confidence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let share = f64::deserialize(deserializer)?;
        Self::new(share).ok_or_else(|| serde::de::Error::custom("must be a number from 0 to 1"))
    }
}

#[cfg(feature = "openapi")]
mod schema {
    use super::Confidence;
    use utoipa::openapi::schema::{ObjectBuilder, Type};
    use utoipa::openapi::{RefOr, Schema};

    impl utoipa::PartialSchema for Confidence {
        fn schema() -> RefOr<Schema> {
            ObjectBuilder::new()
                .schema_type(Type::Number)
                .minimum(Some(0))
                .maximum(Some(1))
                .examples([0.9])
                .into()
        }
    }
    impl utoipa::ToSchema for Confidence {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_share_of_one() {
        assert_eq!(serde_json::to_string(&Confidence::percent(29)).unwrap(), "0.29");
        for percent in 0..=100 {
            let confidence = Confidence::percent(percent);
            let text = serde_json::to_string(&confidence).unwrap();
            assert_eq!(serde_json::from_str::<Confidence>(&text).unwrap(), confidence);
        }
        for wrong in ["-0.01", "1.01", "\"1\"", "null", "1e9"] {
            assert!(serde_json::from_str::<Confidence>(wrong).is_err(), "{wrong}");
        }
    }
}
