//! The accent colour of a form, with the text colour that can be read on it.

use serde::Serialize;

#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Accent {
    /// `#rrggbb`.
    pub color: String,
    /// White or black, whichever contrasts more: never below 4.5:1.
    pub text: &'static str,
}

impl Accent {
    /// `None` for anything but `#rrggbb`: the text goes into a style sheet.
    pub fn parse(color: &str) -> Option<Self> {
        let digits = color.strip_prefix('#')?;
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let channel = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        let luminance = luminance([channel(0)?, channel(2)?, channel(4)?]);
        let (on_white, on_black) = (1.05 / (luminance + 0.05), (luminance + 0.05) / 0.05);
        Some(Self {
            color: color.to_owned(),
            text: if on_white >= on_black { "#fff" } else { "#000" },
        })
    }
}

/// Relative luminance, 0 to 1 (WCAG 2.2, "relative luminance").
fn luminance(rgb: [u8; 3]) -> f64 {
    let [red, green, blue] = rgb.map(|channel| {
        let share = f64::from(channel) / 255.0;
        if share <= 0.04045 {
            share / 12.92
        } else {
            ((share + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_the_one_that_can_be_read() {
        for (color, text) in [
            ("#000000", "#fff"),
            ("#ffff00", "#000"),
            ("#1f4fd8", "#fff"),
            ("#ff7a00", "#000"),
            ("#777777", "#000"),
        ] {
            assert_eq!(Accent::parse(color).unwrap().text, text, "{color}");
        }
    }

    #[test]
    fn nothing_but_a_colour_gets_into_the_style_sheet() {
        for text in [
            "red", "#12345", "#1234567", "#12345}", "#+1+2+3", "</style", "#ééé",
        ] {
            assert_eq!(Accent::parse(text), None, "{text}");
        }
    }
}
