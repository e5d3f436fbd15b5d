//! Links of a finished HTML part: finding the unsubscribe link, and putting tracked addresses in place of the others.

use groundswell_domain::email::LinkTracker;
use lol_html::{RewriteStrSettings, element, rewrite_str};
use std::cell::Cell;

/// What rewriting found and made.
pub(super) struct Rewritten {
    pub html: String,
    /// Whether a link leads to the unsubscribe address.
    pub has_unsubscribe: bool,
}

/// Replaces the http(s) targets of `<a>` and `<area>`, but not the unsubscribe link and not links with `data-track="off"`.
pub(super) fn rewrite(
    html: &str,
    unsubscribe: Option<&str>,
    tracker: Option<&dyn LinkTracker>,
) -> Result<Rewritten, String> {
    let has_unsubscribe = Cell::new(false);
    let settings = RewriteStrSettings::new()
        .with_strict(false)
        .append_element_content_handler(element!("a[href], area[href]", |link| {
            let target = decode(link.get_attribute("href").unwrap_or_default().trim());
            if unsubscribe == Some(target.as_str()) {
                has_unsubscribe.set(true);
                // Merging escaped more of it than an address needs, and not every mail program reads `&#x2f;`.
                link.set_attribute("href", &escape(&target))?;
                return Ok(());
            }
            let off = link
                .get_attribute("data-track")
                .is_some_and(|value| value.eq_ignore_ascii_case("off"));
            if let Some(tracker) = tracker.filter(|_| !off && is_web(&target)) {
                link.set_attribute("href", &escape(&tracker.click(&target)))?;
            }
            Ok(())
        }));
    let html =
        rewrite_str(html, settings).map_err(|error| format!("html: the links can't be read: {error}"))?;
    Ok(Rewritten {
        html,
        has_unsubscribe: has_unsubscribe.get(),
    })
}

/// Puts HTML at the end of what is shown: before the last `</body>`, or at the very end.
pub(super) fn append(html: &mut String, addition: &str) {
    let lower = html.to_ascii_lowercase();
    let at = lower
        .rfind("</body")
        .or_else(|| lower.rfind("</html"))
        .unwrap_or(html.len());
    html.insert_str(at, addition);
}

/// For text and for attributes in double quotes.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn is_web(target: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| {
        target
            .get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })
}

/// Resolves the character references that occur in addresses: numeric ones and the five of XML.
///
/// The hundreds of others (`&copy;`) are left: in an address they are far likelier a parameter that was not escaped.
fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let reference = rest
            .find(';')
            .filter(|end| *end <= 10)
            .and_then(|end| Some((end, character(&rest[1..end])?)));
        let (c, end) = reference.map_or(('&', 0), |(end, c)| (c, end));
        out.push(c);
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    out
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_in_addresses_are_resolved() {
        for (text, decoded) in [
            (
                "https:&#x2f;&#x2F;a.de/?a=1&amp;b=2&b=3",
                "https://a.de/?a=1&b=2&b=3",
            ),
            ("a&#38;b&quot;&apos;&lt;&gt;", "a&b\"'<>"),
            ("?a&copy;=1&;&#;&#xD800;&", "?a&copy;=1&;&#;&#xD800;&"),
        ] {
            assert_eq!(decode(text), decoded);
        }
    }

    #[test]
    fn additions_go_before_the_end_of_the_body() {
        for (html, with) in [
            ("<body>a</body></html>", "<body>a+</body></html>"),
            ("<BODY>a</BODY>", "<BODY>a+</BODY>"),
            ("<html>a</html>", "<html>a+</html>"),
            ("a", "a+"),
        ] {
            let mut html = html.to_owned();
            append(&mut html, "+");
            assert_eq!(html, with);
        }
    }
}
