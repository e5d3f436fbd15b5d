//! A country, for what is written differently in each.

use phonenumber::country;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A country by its two letters of ISO 3166-1, of those that have telephone numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region(country::Id);

impl Region {
    pub fn as_str(&self) -> &str {
        self.0.as_ref()
    }

    pub(crate) fn id(self) -> country::Id {
        self.0
    }
}

impl FromStr for Region {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let id = text.to_ascii_uppercase().parse().map(Self);
        id.map_err(|_| "must be a country's two letters of ISO 3166, like DE".to_owned())
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Region {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Region {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_have_two_letters() {
        assert_eq!("de".parse::<Region>().unwrap().as_str(), "DE");
        assert_eq!("US".parse::<Region>().unwrap().to_string(), "US");
        for wrong in ["", "D", "DEU", "ZZ", "12", "dé"] {
            assert!(wrong.parse::<Region>().is_err(), "{wrong}");
        }
    }
}
