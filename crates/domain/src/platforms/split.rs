//! How a text that is too long can be a thread of several posts.

use super::atoms::{Atom, atoms, entities};
use super::rules::{LimitOn, Rules};
use super::text::{Span, Text};
use serde::Serialize;

/// One post of a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Part {
    /// Without the spaces around it.
    pub at: Span,
    /// How much of the limit it takes. More than the limit only if it is one link that is too long by itself.
    pub units: usize,
}

/// Cuts a text into posts that fit, each `reserve` units shorter than it might be: room for `1/3` and the like.
///
/// A post ends with a paragraph or a sentence where that leaves it at least half full, otherwise with a word; in text without
/// spaces between two signs, and inside of a word only if the word alone is too long. Never inside of a grapheme, a link, a mention or a hashtag.
pub fn split(rules: &Rules, text: &str, reserve: usize) -> Vec<Part> {
    let text = Text::of(text);
    let found = entities(&text, rules.syntax);
    let atoms = atoms(&text, &found);
    let cuts: Vec<Cut> = rules
        .limits
        .iter()
        .filter(|limit| matches!(limit.on, LimitOn::Length | LimitOn::Bytes))
        .map(|limit| Cut {
            max: limit.max.saturating_sub(reserve).max(1),
            costs: atoms
                .iter()
                .map(|atom| {
                    let own = (limit.on == LimitOn::Length).then_some(rules);
                    atom.count(&text, &found, limit.unit, own)
                })
                .collect(),
        })
        .collect();
    if cuts.is_empty() {
        return Vec::new();
    }
    parts(&text, &atoms, &cuts)
}

/// A limit, and what each atom takes of it.
struct Cut {
    max: usize,
    costs: Vec<usize>,
}

/// How good a place is to cut, from worst to best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Anywhere,
    /// Between two signs of a script without spaces.
    Signs,
    Word,
    Sentence,
    Paragraph,
}

fn parts(text: &Text, atoms: &[Atom], cuts: &[Cut]) -> Vec<Part> {
    let is_space = |at: usize| text.signs[atoms[at].range.start].is_whitespace();
    let mut parts = Vec::new();
    let mut start = 0;
    loop {
        while start < atoms.len() && is_space(start) {
            start += 1;
        }
        if start == atoms.len() {
            return parts;
        }
        let mut end = cuts
            .iter()
            .map(|cut| fitting(cut, start))
            .min()
            .unwrap_or(atoms.len());
        if end < atoms.len() {
            end = best_end(text, atoms, &cuts[0], start, end);
        }
        let mut last = end;
        while last > start + 1 && is_space(last - 1) {
            last -= 1;
        }
        parts.push(Part {
            at: text.span(&(atoms[start].range.start..atoms[last - 1].range.end)),
            units: cuts[0].costs[start..last].iter().sum(),
        });
        start = end;
    }
}

/// The end of what fits from `start` on; at least one atom.
fn fitting(cut: &Cut, start: usize) -> usize {
    let mut sum = 0;
    let count = cut.costs[start..]
        .iter()
        .take_while(|cost| {
            sum += **cost;
            sum <= cut.max
        })
        .count();
    start + count.max(1)
}

fn best_end(text: &Text, atoms: &[Atom], cut: &Cut, start: usize, most: usize) -> usize {
    let mut size: usize = cut.costs[start..most].iter().sum();
    let mut best = (Place::Anywhere, most);
    for end in (start + 1..=most).rev() {
        let place = place(text, atoms, start, end);
        let full = size * 2 >= cut.max;
        if place > best.0 && (full || place <= Place::Word) {
            best = (place, end);
        }
        // Nothing better comes, or nothing that counts.
        if best.0 == Place::Paragraph || (!full && best.0 >= Place::Word) {
            break;
        }
        if !full && place >= Place::Word {
            best = (Place::Word, end);
            break;
        }
        size -= cut.costs[end - 1];
    }
    best.1
}

/// What it would be to cut before the atom `end`.
fn place(text: &Text, atoms: &[Atom], start: usize, end: usize) -> Place {
    let sign = |at: usize| text.signs[atoms[at].range.start];
    let (before, after) = (sign(end - 1), sign(end));
    let breaks = |sign: char| matches!(sign, '\n' | '\r' | '\u{2028}' | '\u{2029}');
    if breaks(before) || breaks(after) {
        return Place::Paragraph;
    }
    let spaced = before.is_whitespace() || after.is_whitespace();
    if spaced {
        return if after_sentence(text, atoms, start, end) {
            Place::Sentence
        } else {
            Place::Word
        };
    }
    if matches!(before, '。' | '！' | '？' | '｡') && after.is_alphanumeric() {
        return Place::Sentence;
    }
    if is_ideograph(before) && is_ideograph(after) {
        Place::Signs
    } else {
        Place::Anywhere
    }
}

/// Whether the last words before `end` end a sentence, brackets and quotes aside.
fn after_sentence(text: &Text, atoms: &[Atom], start: usize, end: usize) -> bool {
    const LOOK_BACK: usize = 8;
    atoms[start..end]
        .iter()
        .rev()
        .take(LOOK_BACK)
        .map(|atom| text.signs[atom.range.end - 1])
        .find(|sign| !(sign.is_whitespace() || "\"')]»”’“".contains(*sign)))
        .is_some_and(|sign| matches!(sign, '.' | '!' | '?' | '…' | '。' | '！' | '？' | '؟' | '।'))
}

fn is_ideograph(sign: char) -> bool {
    matches!(sign,
        '\u{0E00}'..='\u{0EFF}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7A3}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}
