//! Where somebody is: time zone and locale.

use crate::region::Region;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A time zone of the IANA database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeZone(chrono_tz::Tz);

impl TimeZone {
    pub const UTC: Self = Self(chrono_tz::Tz::UTC);

    pub fn name(self) -> &'static str {
        self.0.name()
    }

    pub fn tz(self) -> chrono_tz::Tz {
        self.0
    }
}

impl FromStr for TimeZone {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let unknown = |_| "must be a time zone of the IANA database, like Europe/Berlin".to_owned();
        text.parse().map(Self).map_err(unknown)
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A language tag of BCP 47 in its usual form: `en`, `de-AT`, `zh-Hant-TW`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locale(String);

impl Locale {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The country, if the tag names one: `AT` of `de-AT`.
    pub fn region(&self) -> Option<Region> {
        let last = self.0.rsplit('-').next()?;
        // The first part is the language.
        (last.len() == 2 && last.len() < self.0.len()).then(|| last.parse().ok())?
    }
}

impl Default for Locale {
    fn default() -> Self {
        Self("en".to_owned())
    }
}

impl FromStr for Locale {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "must be a language tag, like en or de-AT".to_owned();
        let mut parts = text.split('-');
        let letters = |part: &str, length: std::ops::RangeInclusive<usize>| {
            length.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic())
        };
        let language = parts
            .next()
            .filter(|part| letters(part, 2..=3))
            .ok_or_else(wrong)?;
        let mut tag = language.to_ascii_lowercase();
        let mut next = parts.next();
        if let Some(script) = next.filter(|part| letters(part, 4..=4)) {
            let (first, rest) = script.split_at(1);
            tag = format!(
                "{tag}-{}{}",
                first.to_ascii_uppercase(),
                rest.to_ascii_lowercase()
            );
            next = parts.next();
        }
        if let Some(region) = next {
            let digits = region.len() == 3 && region.bytes().all(|byte| byte.is_ascii_digit());
            if !digits && !letters(region, 2..=2) {
                return Err(wrong());
            }
            tag = format!("{tag}-{}", region.to_ascii_uppercase());
        }
        if parts.next().is_some() {
            return Err(wrong());
        }
        Ok(Self(tag))
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! as_text {
    ($($name:ty),*) => { $(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )* };
}
as_text!(TimeZone, Locale);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_get_their_usual_form() {
        for (text, tag) in [
            ("EN", "en"),
            ("de-at", "de-AT"),
            ("zh-hant-tw", "zh-Hant-TW"),
            ("es-419", "es-419"),
        ] {
            assert_eq!(text.parse::<Locale>().unwrap().as_str(), tag);
        }
        for wrong in ["", "e", "english", "de_AT", "de-", "de-AT-x", "de-1", "-de", "dé"] {
            assert!(wrong.parse::<Locale>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_tag_may_name_a_country() {
        let region = |text: &str| {
            text.parse::<Locale>()
                .unwrap()
                .region()
                .map(|region| region.to_string())
        };
        assert_eq!(region("de-AT").as_deref(), Some("AT"));
        assert_eq!(region("zh-Hant-TW").as_deref(), Some("TW"));
        for without in ["de", "es-419", "zh-Hant", "en-ZZ"] {
            assert_eq!(region(without), None, "{without}");
        }
    }

    #[test]
    fn zones_are_those_of_the_database() {
        assert_eq!(
            "Europe/Berlin".parse::<TimeZone>().unwrap().name(),
            "Europe/Berlin"
        );
        for wrong in ["", "Berlin", "UTC+1", "Europe/Atlantis"] {
            assert!(wrong.parse::<TimeZone>().is_err(), "{wrong}");
        }
    }
}
