//! A brand's words: what is never said, and what is said instead.

use super::grammar::article;
use crate::editorial::{PreferredTerm, Term, Voice, in_case_of};

/// A voice, ready to be looked for in texts.
pub(super) struct Speech {
    banned: Vec<Term>,
    preferred: Vec<(Term, String)>,
}

impl Speech {
    pub(super) fn new(voice: &Voice) -> Self {
        let mut preferred: Vec<_> = voice
            .preferred
            .iter()
            .flat_map(PreferredTerm::forms)
            .map(|(from, to)| (from, super::clean::plain(&to)))
            .filter_map(|(from, to)| Some((Term::new(&from)?, to)))
            .collect();
        // The longest first, so that "sign up form" is not taken for "sign up".
        preferred.sort_by_key(|(term, _)| std::cmp::Reverse(term.text().len()));
        Self {
            banned: voice.banned.iter().filter_map(|term| Term::new(term)).collect(),
            preferred,
        }
    }

    /// With the brand's words in the place of others; web addresses stay as they are.
    pub(super) fn spoken(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (term, replacement) in &self.preferred {
            // What already says it the preferred way is left alone.
            let keep = Term::new(replacement)
                .map(|kept| kept.find_all(&text))
                .unwrap_or_default();
            let found = term.find_all(&text).into_iter().rev();
            for range in found.collect::<Vec<_>>() {
                let within = keep
                    .iter()
                    .any(|kept| kept.start <= range.start && range.end <= kept.end);
                if within || in_address(&text, range.start) {
                    continue;
                }
                let new = in_case_of(&text[range.clone()], replacement);
                let at = range.start;
                text.replace_range(range, &new);
                mend_article(&mut text, at);
            }
        }
        text
    }

    /// The first banned term in a text.
    pub(super) fn banned_in(&self, text: &str) -> Option<&str> {
        self.banned.iter().find(|term| term.is_in(text)).map(Term::text)
    }
}

fn in_address(text: &str, at: usize) -> bool {
    let start = text[..at].rfind(char::is_whitespace).map_or(0, |blank| blank + 1);
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
