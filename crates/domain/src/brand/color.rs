//! A colour of the web, and how well one can be read on another.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Opaque, eight bits for each of red, green and blue in sRGB; written `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color {
    pub red: u8,
    pub green: u8,
    pub blue: u8,
}

impl Color {
    pub const BLACK: Self = Self::new(0, 0, 0);
    pub const WHITE: Self = Self::new(255, 255, 255);

    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue }
    }

    /// From 0 (black) to 1 (white): "relative luminance" of WCAG 2.2, <https://www.w3.org/TR/WCAG22/#dfn-relative-luminance>.
    pub fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }

    /// From 1 (the same) to 21 (black on white): "contrast ratio" of WCAG 2.2, <https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio>.
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// Black or white, whichever can be read better on it.
    #[must_use]
    pub fn text_on(self) -> Self {
        if self.contrast(Self::WHITE) >= self.contrast(Self::BLACK) {
            Self::WHITE
        } else {
            Self::BLACK
        }
    }

    /// `#rgb` or `#rrggbb`, in any case.
    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.is_ascii())?;
        let byte = |text: &str| u8::from_str_radix(text, 16).ok();
        if digits.bytes().any(|digit| !digit.is_ascii_hexdigit()) {
            return None;
        }
        match digits.len() {
            3 => {
                let twice = |at: usize| byte(&digits[at..=at]).map(|value| value * 17);
                Some(Self::new(twice(0)?, twice(1)?, twice(2)?))
            }
            6 => Some(Self::new(
                byte(&digits[..2])?,
                byte(&digits[2..4])?,
                byte(&digits[4..])?,
            )),
            _ => None,
        }
    }
}

impl FromStr for Color {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text.trim()).ok_or_else(|| "must be a colour like #2348d6".to_owned())
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

impl Serialize for Color {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Color {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn color(text: &str) -> Color {
        text.parse().unwrap()
    }

    #[test]
    fn contrast_is_that_of_the_recommendation() {
        for (a, b, ratio) in [
            ("#000000", "#ffffff", "21.00"),
            ("#ffffff", "#ffffff", "1.00"),
            // The greys about which people ask most: one passes level AA, the next does not.
            ("#767676", "#ffffff", "4.54"),
            ("#ffffff", "#777777", "4.48"),
            ("#0000ff", "#ffffff", "8.59"),
        ] {
            assert_eq!(format!("{:.2}", color(a).contrast(color(b))), ratio, "{a} on {b}");
        }
    }

    #[test]
    fn text_on_a_colour_can_be_read() {
        for text in ["#2348d6", "#ffdd00", "#808080", "#000", "#fff"] {
            let color = color(text);
            assert!(color.contrast(color.text_on()) >= 4.5, "{text}");
        }
    }

    #[test]
    fn colours_are_written_in_one_way() {
        assert_eq!(color(" #FA0 ").to_string(), "#ffaa00");
        for wrong in [
            "", "red", "#12", "#12345", "#12345g", "#1234567", "2348d6", "#é2", "#+12+34",
        ] {
            assert!(wrong.parse::<Color>().is_err(), "{wrong}");
        }
    }
}
