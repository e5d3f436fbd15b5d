//! Which language a text is in.

use crate::locale::Locale;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A language without its country: the first part of a tag of BCP 47, in two or three letters (ISO 639).
///
/// Norwegian is `no`, whichever of its two written forms was named.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, example = "en"))]
pub struct Language([u8; 3]);

impl Language {
    pub const ENGLISH: Self = Self(*b"en\0");

    pub(super) const fn two(code: [u8; 2]) -> Self {
        Self([code[0], code[1], 0])
    }

    /// ISO 639-1 where there is such a code, otherwise 639-3: `en`, `gsw`.
    pub fn as_str(&self) -> &str {
        let length = if self.0[2] == 0 { 2 } else { 3 };
        std::str::from_utf8(&self.0[..length]).unwrap_or_default()
    }
}

impl From<&Locale> for Language {
    fn from(locale: &Locale) -> Self {
        let code = locale.as_str().split('-').next().unwrap_or_default();
        match code.as_bytes() {
            b"nb" | b"nn" | b"nob" | b"nno" => Self::two(*b"no"),
            [a, b, c, ..] => Self([*a, *b, *c]),
            [a, b] => Self::two([*a, *b]),
            _ => Self::ENGLISH,
        }
    }
}

impl FromStr for Language {
    type Err = String;
    /// Takes a whole tag, too, and keeps its language.
    fn from_str(text: &str) -> Result<Self, String> {
        Ok(Self::from(&text.parse::<Locale>()?))
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Language {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Language {
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
    fn a_tag_gives_its_language() {
        for (tag, code) in [
            ("en", "en"),
            ("de-AT", "de"),
            ("nb-NO", "no"),
            ("zh-hant-TW", "zh"),
            ("gsw", "gsw"),
        ] {
            assert_eq!(tag.parse::<Language>().unwrap().as_str(), code);
        }
        assert!("english".parse::<Language>().is_err());
        let json = serde_json::to_string(&Language::ENGLISH).unwrap();
        assert_eq!(json, "\"en\"");
        assert_eq!(
            serde_json::from_str::<Language>("\"en-GB\"").unwrap(),
            Language::ENGLISH
        );
    }
}
