//! What of a form's `styling` its pages understand.
//!
//! `styling` is free JSON, so that pages of one's own can keep theirs in it; these keys are checked when the form is saved
//! and read again when it is shown, so that whatever got into the database otherwise does not get into a style sheet.

use super::color::{Color, READABLE};
use crate::text_enum::text_enum;
use crate::validate::Problems;
use serde_json::{Map, Value};
use url::Url;

/// Roundest corners, in pixels.
const MOST_ROUND: u64 = 32;

text_enum! {
    /// Families of fonts that every device has.
    Font {
        System => "system",
        Sans => "sans",
        Serif => "serif",
        Rounded => "rounded",
        Monospace => "monospace",
    }
}

text_enum! {
    /// Where labels stand.
    Layout {
        /// Above their fields.
        Stacked => "stacked",
        /// Beside them where there is room.
        Inline => "inline",
    }
}

impl Font {
    /// For `font-family`.
    pub fn families(self) -> &'static str {
        match self {
            Self::System => "system-ui,-apple-system,\"Segoe UI\",Roboto,\"Noto Sans\",sans-serif",
            Self::Sans => "\"Helvetica Neue\",Helvetica,Arial,\"Noto Sans\",sans-serif",
            Self::Serif => "Georgia,\"Times New Roman\",\"Noto Serif\",serif",
            Self::Rounded => {
                "ui-rounded,\"Hiragino Maru Gothic ProN\",Quicksand,\"Varela Round\",system-ui,sans-serif"
            }
            Self::Monospace => "ui-monospace,Menlo,Consolas,\"Noto Sans Mono\",monospace",
        }
    }
}

/// The look that somebody chose.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Look {
    /// Of the button.
    pub accent: Option<Color>,
    /// Background and text. With them there is no dark mode of ours.
    pub colors: Option<(Color, Color)>,
    pub font: Option<Font>,
    /// Corners, in pixels.
    pub radius: Option<u64>,
    pub logo: Option<Url>,
    pub inline: bool,
}

impl Look {
    /// What can be understood of it; nothing else is believed.
    pub fn of(styling: &Map<String, Value>) -> Self {
        let text = |key: &str| styling.get(key).and_then(Value::as_str);
        let color = |key: &str| text(key).and_then(Color::parse);
        Self {
            accent: color("accent_color"),
            colors: color("background_color").zip(color("text_color")),
            font: text("font").and_then(|word| word.parse().ok()),
            radius: styling
                .get("radius")
                .and_then(Value::as_u64)
                .filter(|radius| *radius <= MOST_ROUND),
            logo: text("logo_url").and_then(logo),
            inline: text("layout").and_then(|word| word.parse().ok()) == Some(Layout::Inline),
        }
    }
}

fn logo(text: &str) -> Option<Url> {
    let url: Url = text.parse().ok()?;
    (url.scheme() == "https" && text.len() <= 2000).then_some(url)
}

/// Everything that is wrong with the keys that pages understand.
pub(super) fn check(styling: &Map<String, Value>, problems: &mut Problems) {
    problems.json("styling", &Value::Object(styling.clone()));
    let mut each = |key: &str, is_right: &dyn Fn(&Value) -> bool, message: &str| {
        if let Some(value) = styling.get(key) {
            problems.check(is_right(value), &format!("styling.{key}"), message);
        }
    };
    let color = |value: &Value| value.as_str().and_then(Color::parse).is_some();
    for key in ["accent_color", "background_color", "text_color"] {
        each(key, &color, "must look like #1a2b3c");
    }
    for key in ["button_label", "intro"] {
        let short = |value: &Value| value.as_str().is_some_and(|text| text.chars().count() <= 500);
        each(key, &short, "must be a text of at most 500 characters");
    }
    let word = |value: &Value| value.as_str().is_some_and(|word| word.parse::<Font>().is_ok());
    each(
        "font",
        &word,
        "must be one of system, sans, serif, rounded, monospace",
    );
    let word = |value: &Value| value.as_str().is_some_and(|word| word.parse::<Layout>().is_ok());
    each("layout", &word, "must be one of stacked, inline");
    let pixels = |value: &Value| value.as_u64().is_some_and(|radius| radius <= MOST_ROUND);
    each("radius", &pixels, "must be a number of pixels, 0 to 32");
    let https = |value: &Value| value.as_str().and_then(logo).is_some();
    each(
        "logo_url",
        &https,
        "must start with https:// and have at most 2000 characters",
    );
    let one_alone = styling.contains_key("background_color") != styling.contains_key("text_color");
    problems.check(
        !one_alone,
        "styling.text_color",
        "background_color and text_color need each other",
    );
    if let Some((background, text)) = Look::of(styling).colors {
        let contrast = background.contrast(text);
        problems.check(
            contrast >= READABLE,
            "styling.text_color",
            format!("can't be read on the background: their contrast is {contrast:.1}, and must be at least {READABLE}"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn problems(styling: &Value) -> Vec<String> {
        let mut problems = Problems::new();
        check(styling.as_object().unwrap(), &mut problems);
        Vec::from(problems)
            .into_iter()
            .map(|p: crate::error::FieldError| p.field)
            .collect()
    }

    #[test]
    fn what_is_understood_is_read_and_the_rest_is_kept_by_others() {
        let styling = json!({"accent_color": "#0D7A5F", "background_color": "#ffffff", "text_color": "#222222", "font": "serif",
            "radius": 0, "logo_url": "https://shop.example/logo.svg", "layout": "inline", "mine": [1]});
        assert_eq!(problems(&styling), Vec::<String>::new());
        let look = Look::of(styling.as_object().unwrap());
        assert_eq!(look.accent.unwrap().to_string(), "#0d7a5f");
        assert_eq!(
            (look.font, look.radius, look.inline),
            (Some(Font::Serif), Some(0), true)
        );
        assert!(look.colors.is_some() && look.logo.is_some());
    }

    #[test]
    fn mistakes_and_attacks_are_refused_and_never_read() {
        for (styling, field) in [
            (json!({"accent_color": "red;}"}), "styling.accent_color"),
            (json!({"font": "x;background:url(//evil)"}), "styling.font"),
            (json!({"radius": "1px;}"}), "styling.radius"),
            (json!({"radius": 33}), "styling.radius"),
            (json!({"radius": -1}), "styling.radius"),
            (
                json!({"logo_url": "http://shop.example/x.png"}),
                "styling.logo_url",
            ),
            (json!({"logo_url": "javascript:alert(1)"}), "styling.logo_url"),
            (json!({"layout": "grid"}), "styling.layout"),
            (json!({"background_color": "#ffffff"}), "styling.text_color"),
            (
                json!({"background_color": "#ffffff", "text_color": "#cccccc"}),
                "styling.text_color",
            ),
        ] {
            assert_eq!(problems(&styling), [field], "{styling}");
        }
        let odd = json!({"accent_color": "red", "font": 1, "radius": 99, "logo_url": "/x", "text_color": "#000000"});
        assert_eq!(Look::of(odd.as_object().unwrap()), Look::default());
    }
}
