//! Questions of style sheets, answered before a browser can ask them.
//!
//! A preview is in dark, or as narrow as a telephone, whatever the browser prefers and however wide its window is: a headless Chromium, for
//! one, lays nothing out narrower than 500 px and cuts the picture off.

/// A media feature that holds, and one that doesn't.
const YES: &str = "(min-width: 0)";
const NO: &str = "(max-width: 0)";

/// The text with each media feature in parentheses replaced by one whose answer is known: `prefers-color-scheme`, and with a width in
/// pixels `min-width` and `max-width`, too. Other features stay.
pub(super) fn answered(html: &str, dark: bool, width: Option<u16>) -> String {
    let mut answered = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find('(') {
        let (before, from) = rest.split_at(start);
        answered.push_str(before);
        let group = from
            .find([')', '{', '<'])
            .filter(|end| from[*end..].starts_with(')'));
        let holds = group.and_then(|end| holds(&from[1..end], dark, width));
        let (Some(end), Some(holds)) = (group, holds) else {
            answered.push('(');
            rest = &from[1..];
            continue;
        };
        answered.push_str(if holds { YES } else { NO });
        rest = &from[end + 1..];
    }
    answered.push_str(rest);
    answered
}

/// `name: value` of a feature; `None` for what is none of these.
fn holds(feature: &str, dark: bool, width: Option<u16>) -> Option<bool> {
    let (name, value) = feature.split_once(':')?;
    let (name, value) = (
        name.trim().to_ascii_lowercase(),
        value.trim().to_ascii_lowercase(),
    );
    let pixels = || value.strip_suffix("px")?.trim_end().parse::<f64>().ok();
    match name.as_str() {
        "prefers-color-scheme" => match value.as_str() {
            "dark" => Some(dark),
            "light" => Some(!dark),
            _ => None,
        },
        "min-width" => Some(f64::from(width?) >= pixels()?),
        "max-width" => Some(f64::from(width?) <= pixels()?),
        _ => None,
    }
}

/// The page with something more at the start of its head, or where that would be: before a doctype it would turn the page into one of the
/// nineties.
pub(super) fn with_head(html: &str, more: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let after = |tag: &str| {
        let found = lower.match_indices(tag).find(|(at, _)| {
            let next = lower.as_bytes().get(at + tag.len());
            next.is_some_and(|byte| *byte == b'>' || byte.is_ascii_whitespace())
        });
        found.and_then(|(at, _)| Some(at + lower[at..].find('>')? + 1))
    };
    let at = ["<head", "<html", "<!doctype"]
        .into_iter()
        .find_map(after)
        .unwrap_or(0);
    let (start, end) = html.split_at(at);
    [start, more, end].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_answered_and_nothing_else() {
        let css = "@media only screen and (max-width: 480px), (min-width:600PX){a{b:calc(1px + (2px))}} @media ( Prefers-Color-Scheme : DARK ) and (orientation: portrait){}";
        assert_eq!(
            answered(css, true, Some(360)),
            "@media only screen and (min-width: 0), (max-width: 0){a{b:calc(1px + (2px))}} @media (min-width: 0) and (orientation: portrait){}"
        );
        assert_eq!(
            answered(css, false, None),
            "@media only screen and (max-width: 480px), (min-width:600PX){a{b:calc(1px + (2px))}} @media (max-width: 0) and (orientation: portrait){}"
        );
        for (text, width, wanted) in [
            ("(max-width:360px)", 360, YES),
            ("(max-width:359.98px)", 360, NO),
            ("(min-width:800px)", 800, YES),
            ("(min-width:801px)", 800, NO),
            ("(prefers-color-scheme:light)", 800, YES),
            ("(max-width:30em)", 360, "(max-width:30em)"),
            ("(max-width:480px", 360, "(max-width:480px"),
            ("Ünï (cödé: x) (", 360, "Ünï (cödé: x) ("),
        ] {
            assert_eq!(answered(text, false, Some(width)), wanted);
        }
    }

    #[test]
    fn a_doctype_stays_first() {
        for (html, wanted) in [
            (
                "<!doctype html><html><HEAD lang=x><title>",
                "<!doctype html><html><HEAD lang=x>+<title>",
            ),
            (
                "<!DOCTYPE html><html lang=\"en\"><body><header>",
                "<!DOCTYPE html><html lang=\"en\">+<body><header>",
            ),
            ("<!doctype html><p>", "<!doctype html>+<p>"),
            ("<p>", "+<p>"),
        ] {
            assert_eq!(with_head(html, "+"), wanted);
        }
    }
}
