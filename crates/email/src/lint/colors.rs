//! Colours as styles and attributes write them.

use groundswell_domain::brand::Color;

/// The names that are seen in mails; others are left alone.
const NAMES: [(&str, Color); 14] = [
    ("black", Color::BLACK),
    ("white", Color::WHITE),
    ("red", Color::new(255, 0, 0)),
    ("green", Color::new(0, 128, 0)),
    ("blue", Color::new(0, 0, 255)),
    ("navy", Color::new(0, 0, 128)),
    ("gray", Color::new(128, 128, 128)),
    ("grey", Color::new(128, 128, 128)),
    ("silver", Color::new(192, 192, 192)),
    ("lightgray", Color::new(211, 211, 211)),
    ("lightgrey", Color::new(211, 211, 211)),
    ("yellow", Color::new(255, 255, 0)),
    ("orange", Color::new(255, 165, 0)),
    ("whitesmoke", Color::new(245, 245, 245)),
];

/// What a style says about a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    Color(Color),
    /// As that of the element around it.
    Inherited,
    /// Nobody can tell without drawing it: a picture, a gradient, something half transparent.
    Unknown,
}

/// Reads one colour.
pub(super) fn paint(text: &str) -> Paint {
    let text = text
        .trim()
        .trim_end_matches("!important")
        .trim()
        .to_ascii_lowercase();
    if matches!(
        text.as_str(),
        "inherit" | "transparent" | "currentcolor" | "none" | "unset" | "initial" | ""
    ) {
        return Paint::Inherited;
    }
    if let Ok(color) = text.parse() {
        return Paint::Color(color);
    }
    if let Some((_, color)) = NAMES.iter().find(|(name, _)| *name == text) {
        return Paint::Color(*color);
    }
    rgb(&text).map_or(Paint::Unknown, Paint::Color)
}

/// Of `background`, which can say more than a colour.
pub(super) fn background(text: &str) -> Paint {
    if text.contains("url(") || text.contains("gradient(") {
        return Paint::Unknown;
    }
    let text = text.trim();
    if text.contains('(') {
        return paint(text);
    }
    text.split_whitespace()
        .map(paint)
        .find(|paint| matches!(paint, Paint::Color(_)))
        .unwrap_or_else(|| paint(text.split_whitespace().next().unwrap_or_default()))
}

fn rgb(text: &str) -> Option<Color> {
    let inner = text.strip_prefix("rgb(")?.strip_suffix(')')?;
    let mut channels = inner.split([',', ' ']).filter(|part| !part.is_empty());
    let mut next = || channels.next()?.trim().parse::<u8>().ok();
    let color = Color::new(next()?, next()?, next()?);
    channels.next().is_none().then_some(color)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_as_they_are_written() {
        let color = |red, green, blue| Paint::Color(Color::new(red, green, blue));
        for (text, expected) in [
            ("#FFF", color(255, 255, 255)),
            (" White !important", color(255, 255, 255)),
            ("rgb(1, 2,3)", color(1, 2, 3)),
            ("rgb(1 2 3)", color(1, 2, 3)),
            ("transparent", Paint::Inherited),
            ("rgba(0,0,0,.5)", Paint::Unknown),
            ("rebeccapurple", Paint::Unknown),
        ] {
            assert_eq!(paint(text), expected, "{text}");
        }
        assert_eq!(background("#fff url(x.png)"), Paint::Unknown);
        assert_eq!(background("no-repeat #000000 center"), color(0, 0, 0));
        assert_eq!(background("none"), Paint::Inherited);
    }
}
