//! What the words around a word do to it.

use super::lexicon::{booster, idiom, negates, valence};
use super::tokens::{Tokens, is_upper};
use std::collections::{BTreeSet, HashMap};

/// Raters found a word in capitals this much stronger.
const CAPITALS: f64 = 0.733;
/// A negation turns a word, and weakens it.
const NEGATION: f64 = -0.74;

/// What each word says in its place; 0 for words that say nothing.
pub(super) fn valences(tokens: &Tokens) -> Vec<f64> {
    let lower = &tokens.lower;
    let mut valences: Vec<f64> = (0..lower.len())
        .map(|at| {
            let kind_of = lower[at] == "kind" && lower.get(at + 1).is_some_and(|next| next == "of");
            if kind_of || booster(&lower[at]).is_some() {
                0.0
            } else {
                in_place(tokens, at)
            }
        })
        .collect();
    if let Some(but) = lower.iter().position(|word| word == "but") {
        weigh_around(&mut valences, but);
    }
    valences
}

fn in_place(tokens: &Tokens, at: usize) -> f64 {
    let lower = &tokens.lower;
    let Some(own) = valence(&lower[at]) else {
        return 0.0;
    };
    let is = |back: usize, word: &str| at >= back && lower[at - back] == word;
    let mut value = own;
    // "No" before a word with a meaning turns that, and says nothing itself.
    if lower[at] == "no" && lower.get(at + 1).is_some_and(|next| valence(next).is_some()) {
        value = 0.0;
    }
    if is(1, "no") || is(2, "no") || (is(3, "no") && (is(1, "or") || is(1, "nor"))) {
        value = own * NEGATION;
    }
    if tokens.capitals_stand_out && is_upper(tokens.words[at]) {
        value += CAPITALS * if value > 0.0 { 1.0 } else { -1.0 };
    }
    for (back, weight) in [(1, 1.0), (2, 0.95), (3, 0.9)] {
        if at < back || valence(&lower[at - back]).is_some() {
            continue;
        }
        value += boost(tokens, at - back, value) * weight;
        value = turned(value, lower, at, back);
        if back == 3 {
            value = phrases(value, lower, at);
        }
    }
    let least = at > 0 && lower[at - 1] == "least" && valence("least").is_none();
    if least && !(is(2, "at") || is(2, "very")) {
        value *= NEGATION;
    }
    value
}

/// What a word before it adds.
fn boost(tokens: &Tokens, at: usize, value: f64) -> f64 {
    let Some(mut boost) = booster(&tokens.lower[at]) else {
        return 0.0;
    };
    if value < 0.0 {
        boost = -boost;
    }
    if tokens.capitals_stand_out && is_upper(tokens.words[at]) {
        boost += CAPITALS * if value > 0.0 { 1.0 } else { -1.0 };
    }
    boost
}

/// What a negation up to three words before does. "Never so good" is praise, "without doubt" is no negation.
fn turned(value: f64, lower: &[String], at: usize, back: usize) -> f64 {
    let word = |back: usize| lower[at - back].as_str();
    let praise = |back: usize| matches!(word(back), "so" | "this");
    let (praised, undoubted) = match back {
        2 => (
            word(2) == "never" && praise(1),
            word(2) == "without" && word(1) == "doubt",
        ),
        3 => (
            (word(3) == "never" && praise(2)) || praise(1),
            word(3) == "without" && (word(2) == "doubt" || word(1) == "doubt"),
        ),
        _ => (false, false),
    };
    if praised {
        value * 1.25
    } else if !undoubted && negates(word(back)) {
        value * NEGATION
    } else {
        value
    }
}

/// Idioms that the word is part of, and boosters of two words. There are three words before it.
fn phrases(mut value: f64, lower: &[String], at: usize) -> f64 {
    let phrase = |from: usize, to: usize| lower[from..to].join(" ");
    let two_before = phrase(at - 2, at);
    let three_before = phrase(at - 3, at);
    let first_two = phrase(at - 3, at - 1);
    let with_it = [phrase(at - 1, at + 1), phrase(at - 2, at + 1)];
    let known = with_it
        .iter()
        .chain([&two_before, &three_before, &first_two])
        .find_map(|phrase| idiom(phrase));
    value = known.unwrap_or(value);
    for end in [at + 2, at + 3] {
        if end <= lower.len() {
            value = idiom(&phrase(at, end)).unwrap_or(value);
        }
    }
    for phrase in [&three_before, &first_two, &two_before] {
        value += booster(phrase).unwrap_or(0.0);
    }
    value
}

/// What comes before the first "but" counts half, what comes after it one and a half times.
///
/// The reference goes through the values and changes, each time, the first one that is equal; where two words say the same, that is
/// another one. It is kept, because scores are compared. An index makes it fast.
fn weigh_around(valences: &mut [f64], but: usize) {
    let mut places: HashMap<u64, BTreeSet<usize>> = HashMap::new();
    for (at, value) in valences.iter().enumerate().filter(|(_, value)| **value != 0.0) {
        places.entry(value.to_bits()).or_default().insert(at);
    }
    for at in 0..valences.len() {
        let old = valences[at];
        let Some(equal) = places.get_mut(&old.to_bits()) else {
            continue;
        };
        let Some(first) = equal.first().copied() else {
            continue;
        };
        let factor = match first.cmp(&but) {
            std::cmp::Ordering::Less => 0.5,
            std::cmp::Ordering::Equal => continue,
            std::cmp::Ordering::Greater => 1.5,
        };
        equal.remove(&first);
        valences[first] = old * factor;
        places.entry(valences[first].to_bits()).or_default().insert(first);
    }
}

/// What exclamation marks (up to four) and question marks (from two) add.
pub(super) fn emphasis(text: &str) -> f64 {
    let count = |mark: u8| text.bytes().filter(|byte| *byte == mark).take(5).count();
    let exclamations = super::super::real(count(b'!').min(4)) * 0.292;
    let questions = match count(b'?') {
        0 | 1 => 0.0,
        few @ (2 | 3) => super::super::real(few) * 0.18,
        _ => 0.96,
    };
    exclamations + questions
}
