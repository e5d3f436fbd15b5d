//! The look of a form in the words of style sheets.

use groundswell_domain::forms::Look;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Custom properties and their values. All of it is made from types that hold nothing else: colours, numbers, and fonts from
/// a list.
fn properties(look: &Look) -> BTreeMap<&'static str, String> {
    let mut all = BTreeMap::new();
    if let Some(accent) = look.accent {
        all.insert("accent", accent.to_string());
        all.insert("on-accent", accent.text_on().to_string());
    }
    if let Some((background, text)) = look.colors {
        all.insert("background", background.to_string());
        all.insert("text", text.to_string());
    }
    if let Some(font) = look.font {
        all.insert("font", font.families().to_owned());
    }
    if let Some(radius) = look.radius {
        all.insert("radius", format!("{radius}px"));
    }
    all
}

/// For the script of a page that we don't know: JSON.
pub(super) fn for_script(look: &Look) -> String {
    serde_json::json!(properties(look)).to_string()
}

/// For our own page. Whoever chose two colours gets these for everything that must be read, and no dark mode.
pub(super) fn for_page(look: &Look) -> String {
    let mut css = String::new();
    let all = properties(look);
    for (name, value) in &all {
        // Writing to a text does not fail.
        let _ = write!(css, "--{name}:{value};");
    }
    if let Some((background, _)) = look.colors {
        let scheme = if background.is_dark() { "dark" } else { "light" };
        let text =
            "--muted:var(--text);--line:var(--text);--soft:var(--text);--bad:var(--text);--link:var(--text)";
        let _ = write!(
            css,
            "color-scheme:{scheme};--bg:var(--background);--card:var(--background);--bad-bg:var(--background);{text};"
        );
    }
    if css.is_empty() {
        return css;
    }
    let font = if look.font.is_some() {
        "body{font-family:var(--font)}"
    } else {
        ""
    };
    format!(":root:root{{{css}}}{font}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn look(styling: &serde_json::Value) -> Look {
        Look::of(styling.as_object().unwrap())
    }

    #[test]
    fn the_accent_comes_with_a_text_that_can_be_read() {
        let css = for_page(&look(&json!({"accent_color": "#0d7a5f"})));
        assert_eq!(css, ":root:root{--accent:#0d7a5f;--on-accent:#ffffff;}");
        assert_eq!(for_page(&Look::default()), "");
    }

    #[test]
    fn two_colours_are_used_for_all_that_must_be_read() {
        let css = for_page(&look(
            &json!({"background_color": "#101010", "text_color": "#fefefe", "font": "serif", "radius": 12}),
        ));
        for part in [
            "color-scheme:dark",
            "--text:#fefefe",
            "--radius:12px",
            "--bad:var(--text)",
            "body{font-family",
        ] {
            assert!(css.contains(part), "{part} in {css}");
        }
    }

    #[test]
    fn nothing_else_gets_into_a_style_sheet() {
        let odd = json!({"accent_color": "red}body{display:none", "font": "x;}", "radius": "1;}", "text_color": "</style>"});
        assert_eq!(for_page(&look(&odd)), "");
        assert_eq!(for_script(&look(&odd)), "{}");
    }
}
