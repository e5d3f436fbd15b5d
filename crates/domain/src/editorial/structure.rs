//! Rules about sentences, length and what a text asks of its reader.

use super::lint::{EditorialRule, Expectations, Marks};
use super::terms::Term;
use super::words::count_words;
use std::collections::HashSet;
use std::ops::Range;

/// Sentences of more words are hard to follow: the United Kingdom's government recommends at most 25
/// (<https://insidegovuk.blog.gov.uk/2014/08/04/sentence-length-why-25-words-is-our-limit/>).
const SENTENCE_WORDS: usize = 25;
/// Readability of a shorter text cannot be judged.
const GRADED_WORDS: usize = 30;
/// A shorter sentence may well come twice.
const REPEATED_WORDS: usize = 4;

/// Where sentences stand, in bytes. A line break ends one: headings and items of lists have no stop.
fn ranges(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let end = at + c.len_utf8();
        let blank = chars.peek().is_none_or(|(_, next)| next.is_whitespace());
        if c == '\n' || (matches!(c, '.' | '!' | '?' | '…') && blank) {
            push(text, start..end, &mut found);
            start = end;
        }
    }
    push(text, start..text.len(), &mut found);
    found
}

fn push(text: &str, range: Range<usize>, found: &mut Vec<Range<usize>>) {
    let part = &text[range.clone()];
    let lead = part.len()
        - part
            .trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '#' | '-' | '*' | '•'))
            .len();
    let trimmed = part[lead..].trim_end();
    if trimmed.chars().any(char::is_alphanumeric) {
        found.push(range.start + lead..range.start + lead + trimmed.len());
    }
}

/// Marks long sentences and says how hard the text is to read.
pub(super) fn sentences(marks: &mut Marks, max_grade: Option<f64>) -> Option<f64> {
    let ranges = ranges(marks.text);
    for range in &ranges {
        let words = count_words(&marks.text[range.clone()]);
        if words > SENTENCE_WORDS {
            let message =
                format!("This sentence has {words} words: make two of it, or cut it to {SENTENCE_WORDS}.");
            marks.mark(EditorialRule::LongSentence, range.clone(), message, None);
        }
    }
    let real = |count: usize| u32::try_from(count).map_or(f64::from(u32::MAX), f64::from);
    let words = count_words(marks.text);
    if words < GRADED_WORDS || ranges.is_empty() {
        return None;
    }
    let letters = marks.text.chars().filter(|c| c.is_alphanumeric()).count();
    let grade = 4.71 * real(letters) / real(words) + 0.5 * real(words) / real(ranges.len()) - 21.43;
    if let Some(most) = max_grade.filter(|most| grade > *most) {
        let message = format!(
            "The text reads at grade {grade:.1} of the Automated Readability Index, and {most:.1} is wanted: use shorter sentences and words."
        );
        marks.mark_all(EditorialRule::ReadingLevel, message);
    }
    Some(grade)
}

/// The same word twice in a row, the same sentence twice in a text.
pub(super) fn repetitions(marks: &mut Marks) {
    let text = marks.text;
    let mut previous: Option<(&str, usize)> = None;
    let mut at = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        let core = word.trim();
        let end = at + core.len();
        if !core.is_empty() {
            let letters = core.trim_end_matches(|c: char| !c.is_alphanumeric());
            let again = previous.filter(|(before, _)| before.to_lowercase() == letters.to_lowercase());
            let a_word = !letters.is_empty() && letters.chars().all(char::is_alphabetic);
            // "had had" and "that that" can be right.
            let right = matches!(letters.to_lowercase().as_str(), "had" | "that");
            if let Some((_, before_end)) = again.filter(|_| a_word && !right) {
                let range = before_end..at + letters.len();
                let message = format!("\"{letters}\" stands here twice.");
                marks.mark(EditorialRule::RepeatedWord, range, message, Some(String::new()));
            }
            previous = (core == letters && !word.contains('\n')).then_some((letters, end));
        }
        at += word.len();
    }
    let mut seen = HashSet::new();
    for range in ranges(text) {
        let sentence = &text[range.clone()];
        if count_words(sentence) >= REPEATED_WORDS && !seen.insert(sentence.to_lowercase()) {
            marks.mark(
                EditorialRule::RepeatedSentence,
                range,
                "This sentence stands in the text before.",
                Some(String::new()),
            );
        }
    }
}

pub(super) fn length(marks: &mut Marks, expected: &Expectations) {
    let words = count_words(marks.text);
    if let Some(least) = expected.min_words.filter(|least| words < *least) {
        marks.mark_all(
            EditorialRule::TooShort,
            format!("The text has {words} words, and at least {least} are wanted."),
        );
    }
    if let Some(most) = expected.max_words.filter(|most| words > *most) {
        marks.mark_all(
            EditorialRule::TooLong,
            format!("The text has {words} words, and at most {most} are wanted."),
        );
    }
    if let Some(most) = expected.max_characters
        && let Some((at, _)) = marks.text.char_indices().nth(most)
    {
        let count = marks.text.chars().count();
        let message = format!(
            "The text has {count} characters, and at most {most} are allowed: what is marked is too much."
        );
        marks.mark(EditorialRule::TooLong, at..marks.text.len(), message, None);
    }
}

/// Verbs that calls to action begin with.
const CALLS: [&str; 40] = [
    "apply",
    "ask",
    "book",
    "browse",
    "buy",
    "call",
    "check",
    "choose",
    "claim",
    "come",
    "compare",
    "contact",
    "discover",
    "donate",
    "download",
    "email",
    "explore",
    "find",
    "get",
    "give",
    "join",
    "learn",
    "let",
    "meet",
    "order",
    "read",
    "register",
    "reply",
    "request",
    "reserve",
    "schedule",
    "see",
    "send",
    "shop",
    "sign",
    "start",
    "subscribe",
    "talk",
    "try",
    "visit",
];

/// The call that is wanted, or any: a sentence that begins with a verb of [`CALLS`].
pub(super) fn call_to_action(marks: &mut Marks, wanted: Option<&str>) {
    let Some(wanted) = wanted else { return };
    let wanted = wanted.trim().trim_end_matches(['.', '!', '?']);
    let there = if wanted.is_empty() {
        ranges(marks.text).into_iter().any(|range| {
            let first = marks.text[range]
                .split(|c: char| !c.is_alphabetic())
                .find(|word| !word.is_empty());
            first.is_some_and(|first| CALLS.contains(&first.to_lowercase().as_str()))
        })
    } else {
        Term::new(wanted).is_none_or(|term| term.is_in(marks.text))
    };
    if !there {
        let message = if wanted.is_empty() {
            "The text does not say what to do next: add a call to action.".to_owned()
        } else {
            format!("The call to action \"{wanted}\" is missing.")
        };
        marks.mark_all(EditorialRule::MissingCallToAction, message);
    }
}
