//! What a brief says, as plain text on one line.
//!
//! Whatever could be taken for markup or for a template by who shows a draft later is removed here: tags, braces, Markdown,
//! control characters and marks that turn the direction of writing.

use regex::Regex;
use std::sync::LazyLock;

static SCRIPTS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?is)<(script|style)\b[^>]*>.*?(</(script|style)\s*>|$)").ok());
static TAGS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?s)<[/!?a-zA-Z][^<>]*(>|$)").ok());
static TEMPLATES: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?s)\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|\$\{[^}]*\}").ok());
static LINKS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"!?\[([^\[\]]*)\]\((?:[^()]|\([^()]*\))*\)").ok());
static MARKS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"([!?])[!?]+").ok());

fn without(text: String, pattern: &LazyLock<Option<Regex>>, by: &str) -> String {
    match pattern.as_ref() {
        Some(pattern) => pattern.replace_all(&text, by).into_owned(),
        None => text,
    }
}

/// Invisible, or turning what follows around.
fn is_odd(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}

/// Plain text on one line; empty when nothing is left.
pub(super) fn plain(text: &str) -> String {
    let text = text.chars().filter(|c| !is_odd(*c));
    let text: String = text
        .map(|c| {
            if c.is_control() || c == '\u{2028}' || c == '\u{2029}' {
                ' '
            } else {
                c
            }
        })
        .collect();
    let text = without(text, &SCRIPTS, " ");
    let text = without(text, &TAGS, " ");
    let text = without(text, &TEMPLATES, " ");
    let text = without(text, &LINKS, "$1");
    let text = without(text, &MARKS, "$1");
    let kept = text
        .chars()
        .filter(|c| !matches!(c, '{' | '}' | '`' | '*' | '|' | '\\'));
    let text: String = kept
        .map(|c| match c {
            '<' => '‹',
            '>' => '›',
            '[' => '(',
            ']' => ')',
            c => c,
        })
        .collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.trim_start_matches(['#', '-', '–', '•', '+', '.', ',', ';', ':', ' ']);
    paired(text)
}

/// Without quotation marks and parentheses that lack their other half.
fn paired(text: &str) -> String {
    let count = |c: char| text.matches(c).count();
    let odd_quotes = count('"') % 2 == 1;
    let unequal = |open, close| count(open) != count(close);
    let (curly, round) = (unequal('“', '”') && !text.contains('„'), unequal('(', ')'));
    text.chars()
        .filter(|c| match c {
            '"' => !odd_quotes,
            '“' | '”' => !curly,
            '(' | ')' => !round,
            _ => true,
        })
        .collect::<String>()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_templates_do_not_pass() {
        for (given, expected) in [
            ("<b>Free</b> parking<script>alert(1)</script>", "Free parking"),
            ("Hi {{ user.secret }} and {% raw %}you", "Hi and you"),
            ("a\u{202e}b\u{0}c\r\n d", "ab c d"),
            ("- **Bold** point", "Bold point"),
            ("[Click](javascript:alert(1)) me", "Click me"),
            ("Ready in < 5 minutes!!!", "Ready in ‹ 5 minutes!"),
            ("say \"yes", "say yes"),
            ("<img src=x onerror=alert(1)", ""),
        ] {
            assert_eq!(plain(given), expected);
        }
    }
}
