//! A brand's words: what is never said, and what is said instead.

use super::grammar::article;
use crate::editorial::{PreferredTerm, Term, Voice, in_case_of};
use regex::Regex;

/// A voice, ready to be looked for in texts.
pub(super) struct Speech {
    banned: Vec<Term>,
    /// Finds whether a closer look is worth while; the same for `any_replaced`.
    any_banned: Option<Regex>,
    replaced: Vec<Replacement>,
    any_replaced: Option<Regex>,
}

struct Replacement {
    term: Term,
    by: String,
    /// Finds what already says it the preferred way.
    kept: Option<Term>,
}

impl Speech {
    pub(super) fn new(voice: &Voice) -> Self {
        let mut replaced: Vec<_> = voice
            .preferred
            .iter()
            .flat_map(PreferredTerm::forms)
            .filter_map(|(from, to)| {
                let by = super::clean::plain(&to);
                Some(Replacement {
                    term: Term::new(&from)?,
                    kept: Term::new(&by),
                    by,
                })
            })
            .collect();
        // The longest first, so that "sign up form" is not taken for "sign up".
        replaced.sort_by_key(|replacement| std::cmp::Reverse(replacement.term.text().len()));
        let banned: Vec<_> = voice.banned.iter().filter_map(|term| Term::new(term)).collect();
        Self {
            any_banned: Term::any_of(banned.iter()),
            any_replaced: Term::any_of(replaced.iter().map(|replacement| &replacement.term)),
            banned,
            replaced,
        }
    }

    /// With the brand's words in the place of others; web addresses stay as they are.
    pub(super) fn spoken(&self, text: &str) -> String {
        let mut text = text.to_owned();
        if self.any_replaced.as_ref().is_some_and(|any| !any.is_match(&text)) {
            return text;
        }
        for Replacement { term, by, kept } in &self.replaced {
            let found = term.find_all(&text);
            if found.is_empty() {
                continue;
            }
            let kept = kept.as_ref().map(|kept| kept.find_all(&text)).unwrap_or_default();
            for range in found.into_iter().rev() {
                let within = kept
                    .iter()
                    .any(|kept| kept.start <= range.start && range.end <= kept.end);
                if within || in_address(&text, range.start) {
                    continue;
                }
                let new = in_case_of(&text[range.clone()], by);
                let at = range.start;
                text.replace_range(range, &new);
                mend_article(&mut text, at);
            }
        }
        text
    }

    /// The first banned term in a text.
    pub(super) fn banned_in(&self, text: &str) -> Option<&str> {
        if self.any_banned.as_ref().is_some_and(|any| !any.is_match(text)) {
            return None;
        }
        self.banned.iter().find(|term| term.is_in(text)).map(Term::text)
    }
}

fn in_address(text: &str, at: usize) -> bool {
    let mut before = text[..at].char_indices().rev();
    let blank = before.find(|(_, c)| c.is_whitespace());
    let start = blank.map_or(0, |(at, c)| at + c.len_utf8());
    let word = text[start..].split_whitespace().next().unwrap_or_default();
    word.contains("://") || word.contains('@')
}

/// Makes an article before a place agree with what stands there now.
fn mend_article(text: &mut String, at: usize) {
    for old in ["an ", "a ", "An ", "A "] {
        let Some(before) = text[..at].strip_suffix(old) else {
            continue;
        };
        if before.chars().next_back().is_some_and(char::is_alphanumeric) {
            continue;
        }
        let start = before.len();
        let right = in_case_of(old.trim(), article(&text[at..]));
        // One letter is no shouting.
        let right = if right == "AN" { "An".to_owned() } else { right };
        text.replace_range(start..at, &format!("{right} "));
        return;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn speech(pairs: &[(&str, &str)]) -> Speech {
        let pair = |(from, to): &(&str, &str)| PreferredTerm {
            instead_of: (*from).into(),
            term: (*to).into(),
        };
        Speech::new(&Voice {
            banned: vec!["cheap".into()],
            preferred: pairs.iter().map(pair).collect(),
            ..Voice::default()
        })
    }

    #[test]
    fn preferred_terms_take_the_place_of_others() {
        let speech = speech(&[
            ("client", "attendee"),
            ("user", "person"),
            ("sign up", "register"),
        ]);
        for (given, expected) in [
            ("A client and two clients.", "An attendee and two attendees."),
            ("Clients like it", "Attendees like it"),
            ("https://acme.example/client", "https://acme.example/client"),
            ("Each attendee is an attendee", "Each attendee is an attendee"),
            ("Sign up now", "Register now"),
        ] {
            assert_eq!(speech.spoken(given), expected);
        }
        assert_eq!(speech.banned_in("Not CHEAP at all"), Some("cheap"));
        assert_eq!(speech.banned_in("cheaper"), None);
    }
}
