//! Colours, and whether a text can be read on them (WCAG 2.2, success criterion 1.4.3).

/// Contrast below which text is hard to read.
pub const READABLE: f64 = 4.5;

/// An opaque colour of sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color([u8; 3]);

impl Color {
    pub const WHITE: Self = Self([255; 3]);
    pub const BLACK: Self = Self([0; 3]);

    /// `#rrggbb` and nothing else: the text goes into style sheets.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let channel = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        Some(Self([channel(0)?, channel(2)?, channel(4)?]))
    }

    /// 1 to 21 (WCAG 2.2, "contrast ratio").
    pub fn contrast(self, other: Self) -> f64 {
        let (mine, theirs) = (self.luminance(), other.luminance());
        (mine.max(theirs) + 0.05) / (mine.min(theirs) + 0.05)
    }

    /// White or black, whichever contrasts more: never below 4.5:1.
    #[must_use]
    pub fn text_on(self) -> Self {
        if self.contrast(Self::WHITE) >= self.contrast(Self::BLACK) {
            Self::WHITE
        } else {
            Self::BLACK
        }
    }

    pub fn is_dark(self) -> bool {
        self.text_on() == Self::WHITE
    }

    /// 0 to 1 (WCAG 2.2, "relative luminance").
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|channel| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.04045 {
                share / 12.92
            } else {
                ((share + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

impl std::fmt::Display for Color {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_the_one_that_can_be_read() {
        for (color, text) in [
            ("#000000", "#ffffff"),
            ("#ffff00", "#000000"),
            ("#1f4fd8", "#ffffff"),
            ("#ff7a00", "#000000"),
            ("#777777", "#000000"),
        ] {
            let color = Color::parse(color).unwrap();
            assert_eq!(color.text_on().to_string(), text, "{color}");
            assert!(color.contrast(color.text_on()) >= READABLE);
        }
    }

    #[test]
    fn contrast_is_that_of_the_recommendation() {
        let contrast = Color::WHITE.contrast(Color::BLACK);
        assert!((contrast - 21.0).abs() < 1e-9, "{contrast}");
        let grey = Color::parse("#767676").unwrap().contrast(Color::WHITE);
        assert!((grey - 4.54).abs() < 0.01, "{grey}");
    }

    #[test]
    fn nothing_but_a_colour_gets_into_a_style_sheet() {
        for text in [
            "red", "#12345", "#1234567", "#12345}", "#+1+2+3", "</style", "#ééé", "",
        ] {
            assert_eq!(Color::parse(text), None, "{text}");
        }
    }
}
