//! Rules about words.

use super::lint::{EditorialRule, Marks};
use super::rules::{CLAIMS, INCLUSIVE};
use super::terms::{Term, in_case_of};
use super::voice::Voice;
use regex::Regex;
use std::sync::LazyLock;

static PLACEHOLDERS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\{\{[^{}]*\}\}|\{%[^{}]*%\}|\[[a-z][^\[\]\n]{0,40}\]|<[a-z][a-z ]{2,30}>|\blorem ipsum\b|\b(?:tbd|todo|tba|xxx+)\b").ok()
});
static MARKS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[!?]*![!?]+").ok());

/// What the brand bans and prefers.
pub(super) fn terms(marks: &mut Marks, voice: &Voice) {
    for term in voice.banned.iter().filter_map(|term| Term::new(term)) {
        for range in term.find_all(marks.text) {
            let message = format!(
                "The brand does not use \"{}\": say it in other words.",
                term.text()
            );
            marks.mark(EditorialRule::BannedTerm, range, message, None);
        }
    }
    for pair in &voice.preferred {
        for (from, to) in pair.forms() {
            let Some(term) = Term::new(&from) else { continue };
            let kept = Term::new(&to)
                .map(|kept| kept.find_all(marks.text))
                .unwrap_or_default();
            for range in term.find_all(marks.text) {
                if kept
                    .iter()
                    .any(|kept| kept.start <= range.start && range.end <= kept.end)
                {
                    continue;
                }
                let fix = in_case_of(&marks.text[range.clone()], &to);
                let message = format!("The brand says \"{to}\" and not \"{from}\".");
                marks.mark(EditorialRule::PreferredTerm, range, message, Some(fix));
            }
        }
    }
}

/// What must be backed.
pub(super) fn claims(marks: &mut Marks) {
    for claim in CLAIMS.iter() {
        let found: Vec<_> = claim
            .pattern
            .find_iter(marks.text)
            .map(|found| found.range())
            .collect();
        for range in found {
            let message = format!("\"{}\": {}.", &marks.text[range.clone()], claim.reason);
            marks.mark(EditorialRule::UnsourcedClaim, range, message, None);
        }
    }
}

/// What leaves people out.
pub(super) fn inclusive(marks: &mut Marks) {
    for entry in INCLUSIVE.iter() {
        for range in entry.term.find_all(marks.text) {
            let found = &marks.text[range.clone()];
            let fix = entry.instead.first().map(|instead| in_case_of(found, instead));
            let advice = match entry.instead.as_slice() {
                [] => String::new(),
                choices => format!(
                    " Say {}.",
                    choices
                        .iter()
                        .map(|word| format!("\"{word}\""))
                        .collect::<Vec<_>>()
                        .join(" or ")
                ),
            };
            let message = format!("\"{found}\": {}.{advice}", entry.reason);
            marks.mark(EditorialRule::InclusiveWording, range, message, fix);
        }
    }
}

/// What was to be filled in. Links and tasks of Markdown are none.
pub(super) fn placeholders(marks: &mut Marks) {
    let Some(pattern) = PLACEHOLDERS.as_ref() else {
        return;
    };
    let found: Vec<_> = pattern.find_iter(marks.text).map(|found| found.range()).collect();
    for range in found {
        let found = &marks.text[range.clone()];
        let follows = &marks.text[range.end..];
        let markdown = found.starts_with('[') && (follows.starts_with(['(', '[', ':']) || found.len() == 3);
        if !markdown {
            let message = format!("\"{found}\" was to be filled in.");
            marks.mark(EditorialRule::Placeholder, range, message, None);
        }
    }
}

/// Capitals and exclamation marks.
pub(super) fn loudness(marks: &mut Marks) {
    let text = marks.text;
    let (mut run, mut long): (Option<std::ops::Range<usize>>, usize) = (None, 0);
    let mut at = 0;
    for word in text
        .split_inclusive(char::is_whitespace)
        .chain(std::iter::once(""))
    {
        let core = word.trim();
        let letters = core.chars().filter(|c| c.is_alphabetic()).count();
        let loud = letters > 1 && !core.chars().any(char::is_lowercase);
        if loud {
            let end = at + core.trim_end_matches(|c: char| !c.is_alphanumeric()).len();
            long += usize::from(letters > 3);
            run = Some(run.map_or(at..end, |run| run.start..end));
        } else if let Some(range) = run.take() {
            // One word alone may be a name; a single abbreviation is no shouting either.
            if text[range.clone()].split_whitespace().count() > 1 && long > 1 {
                marks.mark(
                    EditorialRule::Shouting,
                    range,
                    "Words in capitals shout: use small letters.",
                    None,
                );
            }
            long = 0;
        }
        at += word.len();
    }
    let Some(pattern) = MARKS.as_ref() else { return };
    for found in pattern.find_iter(text) {
        let fix = if found.as_str().contains('?') { "?" } else { "!" };
        marks.mark(
            EditorialRule::Exclamation,
            found.range(),
            "One mark is enough.",
            Some(fix.to_owned()),
        );
    }
}
