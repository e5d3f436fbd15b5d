//! Whether a text is a link, and nothing but a link.

use regex::Regex;
use std::sync::LazyLock;

/// `None` can't happen: a test reads them.
struct Patterns {
    parts: Regex,
    scheme: Regex,
    path: Regex,
    query: Regex,
    authority: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    const UNRESERVED: &str = r"a-zA-Z0-9\u{400}-\u{4ff}\-._~";
    const DELIMITERS: &str = r"!$&'()*+,;=";
    const ENCODED: &str = "%[0-9a-fA-F]{2}";
    let sign = format!("(?:[{UNRESERVED}{DELIMITERS}:|@]|{ENCODED})");
    let user = format!("(?:[{UNRESERVED}{DELIMITERS}:]|{ENCODED})*");
    let octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9][0-9]|[0-9])";
    let inner = |extra: &str, first: &str| {
        format!(
            r"(?:[{first}]|[^\x00-\x7f])(?:(?:[a-zA-Z0-9{extra}\-]|[^\x00-\x7f])*(?:[a-zA-Z0-9]|[^\x00-\x7f]))?"
        )
    };
    let domain = format!(
        r"(?:{}\.)*{}\.{}",
        inner("_", "a-zA-Z0-9"),
        inner("", "a-zA-Z0-9"),
        inner("", "a-zA-Z")
    );
    let host = format!(r"(?:{octet}(?:\.{octet}){{3}}|\[[a-fA-F0-9:.]+\]|{domain})");
    let whole = |pattern: &str| Regex::new(&format!("^(?:{pattern})$")).ok();
    Some(Patterns {
        parts: whole(r"(?:([^:/?#]+)://)?([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?")?,
        scheme: whole("(?i)https?")?,
        path: whole(&format!("(?:/{sign}*)*"))?,
        query: whole(&format!("(?:{sign}|/|[?])*"))?,
        authority: whole(&format!("(?:{user}@)?{host}(?::[0-9]{{1,5}})?"))?,
    })
});

/// Whether X would take the text for one link, also with a domain in another script.
pub fn is_valid_url(url: &str, require_scheme: bool) -> bool {
    let Some(patterns) = PATTERNS.as_ref() else {
        return false;
    };
    let Some(parts) = patterns.parts.captures(url).filter(|_| !url.is_empty()) else {
        return false;
    };
    let part = |at: usize| parts.get(at).map(|part| part.as_str());
    let fits = |pattern: &Regex, part: Option<&str>| part.is_none_or(|part| pattern.is_match(part));
    let scheme = match part(1) {
        None => !require_scheme,
        Some(scheme) => !require_scheme || patterns.scheme.is_match(scheme),
    };
    scheme
        && fits(&patterns.path, part(3))
        && fits(&patterns.query, part(4))
        && fits(&patterns.query, part(5))
        && patterns.authority.is_match(part(2).unwrap_or_default())
}
