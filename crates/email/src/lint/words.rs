//! Wording that filters and readers take for spam.

use super::place::Places;
use groundswell_domain::email::{Finding, LintRule};

const PHRASES: &str = include_str!("../../data/spam_phrases.txt");
/// More is not told: the tone is clear.
const MOST: usize = 10;

pub(super) fn check(part: &str, text: &str, places: &Places<'_>) -> Vec<Finding> {
    // Lines are broken where they are full, which is no word's end.
    let text = text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase();
    let found = phrases().filter(|phrase| has_word(&text, phrase)).take(MOST);
    found
        .map(|phrase| {
            let message = format!("`{phrase}` is typical of spam: say it in other words");
            Finding::new(LintRule::SpamWording, part, message).at(places.nth(phrase, 0))
        })
        .collect()
}

fn phrases() -> impl Iterator<Item = &'static str> {
    PHRASES
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn has_word(text: &str, phrase: &str) -> bool {
    text.match_indices(phrase).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + phrase.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_found_as_whole_words_across_lines() {
        let places = Places::new("x\nClick here, now");
        let found = check(
            "html",
            "please CLICK\n  here. Networkers make moneyed people.",
            &places,
        );
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].message.contains("`click here`"));
        assert_eq!(
            found[0].position.map(|place| (place.line, place.column)),
            Some((2, 1))
        );
    }

    #[test]
    fn the_list_is_in_order_and_in_small_letters() {
        let all: Vec<_> = phrases().collect();
        assert!(all.len() > 60);
        assert!(
            all.windows(2).all(|pair| pair[0] < pair[1]),
            "sorted, and each once"
        );
        assert!(all.iter().all(|phrase| phrase.to_lowercase() == **phrase));
    }
}
