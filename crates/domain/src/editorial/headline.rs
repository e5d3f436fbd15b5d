//! How well a headline is likely to work, and why.
//!
//! The score is a rule of thumb for choosing among drafts: it adds up points that editors commonly look for. It is no measurement;
//! an A/B test is.

use super::rules::headline_words;
use super::terms::Term;
use serde::Serialize;

/// A reason for points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeadlineReason {
    /// `length`, `words`, `number`, `question`, `power_words`, `vague_words`, `filler`, `keyword`, `clarity`, `shouting`, `exclamation` or
    /// `clickbait`.
    pub factor: &'static str,
    /// Added to 50.
    pub points: i32,
    /// In a sentence.
    pub message: String,
}

/// A score with its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeadlineScore {
    /// From 0 to 100; 50 is neither good nor bad.
    pub score: u32,
    pub reasons: Vec<HeadlineReason>,
}

/// Scores a headline, for a keyword if there is one.
pub fn score_headline(text: &str, keyword: Option<&str>) -> HeadlineScore {
    let text = text.trim();
    let mut reasons = Vec::new();
    let mut say = |factor, points, message: String| {
        reasons.push(HeadlineReason {
            factor,
            points,
            message,
        });
    };
    let characters = text.chars().count();
    match characters {
        0 => say("length", -50, "It is empty.".into()),
        1..=19 => say(
            "length",
            -8,
            format!("With {characters} characters it says little."),
        ),
        20..=39 => say(
            "length",
            6,
            format!("{characters} characters are short and can be taken in at a glance."),
        ),
        40..=60 => say(
            "length",
            12,
            format!("{characters} characters fit into results of search engines and inboxes."),
        ),
        61..=75 => say(
            "length",
            -4,
            format!("{characters} characters are cut off in many places: 60 are safe."),
        ),
        _ => say(
            "length",
            -14,
            format!("{characters} characters are too many: 60 are safe."),
        ),
    }
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase())
        .filter(|word| !word.is_empty())
        .collect();
    match words.len() {
        0..=2 => say("words", -6, "So few words leave the reader guessing.".into()),
        5..=10 => say("words", 6, format!("{} words are a good length.", words.len())),
        14.. => say("words", -6, format!("{} words are hard to take in.", words.len())),
        _ => {}
    }
    if words.iter().any(|word| word.chars().all(|c| c.is_ascii_digit())) {
        say("number", 8, "A number says what to expect.".into());
    }
    if text.ends_with('?') {
        say("question", 5, "A question invites an answer.".into());
    }
    wording(text, &words, &mut say);
    if let Some(keyword) = keyword.filter(|word| !word.trim().is_empty()) {
        match Term::new(keyword).and_then(|term| term.find_all(text).into_iter().next()) {
            Some(place) if text[..place.start].chars().count() < 25 => {
                say("keyword", 10, format!("\"{keyword}\" stands near the beginning."));
            }
            Some(_) => say("keyword", 7, format!("It has \"{keyword}\" in it.")),
            None => say("keyword", -3, format!("It lacks \"{keyword}\".")),
        }
    }
    let longest = words.iter().map(|word| word.chars().count()).max().unwrap_or(0);
    if longest > 14 {
        say("clarity", -4, "It has a very long word in it.".into());
    } else if longest <= 10 && words.len() > 2 {
        say("clarity", 4, "All of its words are short.".into());
    }
    let total: i32 = reasons.iter().map(|reason| reason.points).sum();
    HeadlineScore {
        score: (50 + total).clamp(0, 100).unsigned_abs(),
        reasons,
    }
}

fn wording(text: &str, words: &[String], say: &mut impl FnMut(&'static str, i32, String)) {
    let found = |list| -> Vec<&'static str> {
        headline_words(list)
            .filter(|word| words.iter().any(|w| w == word))
            .collect()
    };
    let power = found("power");
    if !power.is_empty() {
        let points = if power.len() > 3 { 4 } else { 8 };
        say(
            "power_words",
            points,
            format!("It promises something: {}.", power.join(", ")),
        );
    }
    let vague = found("vague");
    if !vague.is_empty() {
        say(
            "vague_words",
            -8,
            format!("These words say little: {}.", vague.join(", ")),
        );
    }
    let filler = found("filler");
    if !filler.is_empty() {
        say("filler", -3, format!("It can do without: {}.", filler.join(", ")));
    }
    let lower = text.to_lowercase();
    if let Some(phrase) = headline_words("clickbait").find(|phrase| lower.contains(phrase)) {
        say(
            "clickbait",
            -20,
            format!("\"{phrase}\" is bait, and readers know it."),
        );
    }
    let loud = text
        .split_whitespace()
        .filter(|word| {
            word.chars().filter(|c| c.is_alphabetic()).count() > 4 && !word.chars().any(char::is_lowercase)
        })
        .count();
    if loud > 0 {
        say("shouting", -10, "Words in capitals shout.".into());
    }
    if text.contains('!') {
        say("exclamation", -4, "It works without an exclamation mark.".into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(text: &str, factor: &str) -> Option<i32> {
        let score = score_headline(text, Some("csv import"));
        score
            .reasons
            .iter()
            .find(|reason| reason.factor == factor)
            .map(|reason| reason.points)
    }

    #[test]
    fn reasons_add_up_and_better_headlines_score_higher() {
        let good = score_headline("CSV import: 5 mistakes and how to avoid them", Some("csv import"));
        let bad = score_headline(
            "AMAZING!!! Various really innovative solutions you won't believe",
            Some("csv import"),
        );
        assert!(good.score > 85 && bad.score < 25, "{good:?} {bad:?}");
        for score in [&good, &bad] {
            let sum: i32 = score.reasons.iter().map(|reason| reason.points).sum();
            assert_eq!(i32::try_from(score.score).unwrap(), (50 + sum).clamp(0, 100));
        }
    }

    #[test]
    fn each_factor_is_told() {
        assert_eq!(
            points("What is a CSV import and who needs one?", "question"),
            Some(5)
        );
        assert_eq!(points("How a CSV import saves a week", "number"), None);
        assert_eq!(
            points("All you need to know about a CSV import", "keyword"),
            Some(7)
        );
        assert_eq!(points("A guide to trade fairs", "keyword"), Some(-3));
        assert_eq!(score_headline("", None).score, 0);
    }
}
