//! Words and phrases that are looked for in texts.

use regex::{Regex, RegexBuilder};
use std::ops::Range;

/// A word or phrase, found in any case and with any blanks between its words, but never inside another word.
/// An asterisk at its end stands for any ending.
#[derive(Debug, Clone)]
pub struct Term {
    text: String,
    pattern: Regex,
}

impl Term {
    /// `None` for one without a letter or a digit, and for one that is too long to be looked for.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let open = text.ends_with('*');
        let words: Vec<_> = text
            .trim_end_matches('*')
            .split_whitespace()
            .map(regex::escape)
            .collect();
        if !text.chars().any(char::is_alphanumeric) {
            return None;
        }
        let ending = if open { r"[\p{Alphabetic}'’]*" } else { "" };
        let pattern = RegexBuilder::new(&format!("{}{ending}", words.join(r"\s+")))
            .case_insensitive(true)
            .size_limit(1 << 20)
            .build()
            .ok()?;
        Some(Self {
            text: text.to_owned(),
            pattern,
        })
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// One pattern for all of some terms, to pass over texts that have none of them quickly. It finds them inside words, too. `None` when
    /// there are no terms, or so many that it would be too large.
    pub fn any_of<'a>(terms: impl Iterator<Item = &'a Self>) -> Option<Regex> {
        let patterns: Vec<_> = terms.map(|term| term.pattern.as_str()).collect();
        let pattern = RegexBuilder::new(&patterns.join("|"))
            .case_insensitive(true)
            .size_limit(1 << 24)
            .build();
        pattern.ok().filter(|_| !patterns.is_empty())
    }

    /// Where it stands, in bytes.
    pub fn find_all(&self, text: &str) -> Vec<Range<usize>> {
        let inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        self.pattern
            .find_iter(text)
            .map(|found| found.range())
            .filter(|range| {
                !inside(text[..range.start].chars().next_back()) && !inside(text[range.end..].chars().next())
            })
            .collect()
    }

    pub fn is_in(&self, text: &str) -> bool {
        !self.find_all(text).is_empty()
    }
}

/// A replacement in the case of what it replaces: all capitals, a capital, or as it is.
pub fn in_case_of(replaced: &str, replacement: &str) -> String {
    let mut letters = replaced.chars().filter(|c| c.is_alphabetic());
    let capital = letters.next().is_some_and(char::is_uppercase);
    let rest_capital = capital && letters.clone().count() > 0 && letters.all(char::is_uppercase);
    if rest_capital {
        return replacement.to_uppercase();
    }
    let mut chars = replacement.chars();
    match chars.next() {
        Some(first) if capital => first.to_uppercase().chain(chars).collect(),
        _ => replacement.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_whole_words_in_any_case() {
        let term = Term::new("world class").unwrap();
        let found = term.find_all("World\n Class, otherworld class");
        assert_eq!((found.len(), found[0].clone()), (1, 0..12));
        assert!(Term::new("guarant*").unwrap().is_in("We guaranteed it"));
        assert!(!Term::new("cheap").unwrap().is_in("cheaper"));
        assert!(Term::new("c++").unwrap().is_in("in C++ and Rust"));
        assert!(Term::new("***").is_none());
    }

    #[test]
    fn replacements_keep_the_case() {
        assert_eq!(in_case_of("Clients", "guests"), "Guests");
        assert_eq!(in_case_of("CLIENTS", "guests"), "GUESTS");
        assert_eq!(in_case_of("clients", "Guests"), "Guests");
    }
}
