//! Syllables of English words: CMUdict, and for words it does not have, one more than the places where pyphen would hyphenate.
//!
//! Hyphenation alone is right for six in ten of CMUdict's words, so the file `syllables_en.txt` holds the others: a line is a number
//! of syllables and words that have it.

use aho_corasick::AhoCorasick;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// Shortest piece before and after a hyphen, in characters.
const EDGE: usize = 2;

/// Nobody's word is longer; the rest of such a one is not looked at.
const LONGEST: usize = 200;

static EXCEPTIONS: LazyLock<HashMap<&'static str, u8>> = LazyLock::new(|| {
    let mut words = HashMap::new();
    for line in include_str!("../../../data/language/syllables_en.txt").lines() {
        let mut parts = line.split(' ');
        if let Some(count) = parts.next().and_then(|count| count.parse().ok()) {
            words.extend(parts.map(|word| (word, count)));
        }
    }
    words
});

static EASY: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    include_str!("../../../data/language/easy_words_en.txt")
        .lines()
        .map(str::trim)
        .collect()
});

/// A word of the list that every child of the fourth class knows. In lower case.
pub(in super::super) fn is_easy(word: &str) -> bool {
    EASY.contains(word)
}

/// The patterns of Liang's algorithm: where they occur, and what they say of the gaps between letters.
struct Patterns {
    letters: AhoCorasick,
    /// Per pattern: the gap that the first value is for, counted from the start of the pattern, and the values.
    values: Vec<(usize, Vec<u8>)>,
}

/// `None` can't happen with the file that is built in: a test reads it.
static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    let mut letters = Vec::new();
    let mut values = Vec::new();
    for line in include_str!("../../../data/language/hyphens_en.txt").lines() {
        let mut text = String::new();
        let mut gaps = vec![0];
        for byte in line.bytes() {
            if byte.is_ascii_digit() {
                if let Some(last) = gaps.last_mut() {
                    *last = byte - b'0';
                }
            } else {
                text.push(char::from(byte));
                gaps.push(0);
            }
        }
        let first = gaps.iter().take_while(|gap| **gap == 0).count();
        let end = gaps.len() - gaps.iter().rev().take_while(|gap| **gap == 0).count();
        if first < end {
            letters.push(text);
            values.push((first, gaps[first..end].to_vec()));
        }
    }
    Some(Patterns {
        letters: AhoCorasick::new(letters).ok()?,
        values,
    })
});

impl Patterns {
    /// Places in the word where it may be hyphenated.
    fn hyphens(&self, word: &str) -> usize {
        let word = format!(".{word}.");
        let mut gaps = vec![0; word.len() + 1];
        for found in self.letters.find_overlapping_iter(&word) {
            let (first, values) = &self.values[found.pattern().as_usize()];
            for (gap, value) in gaps[found.start() + first..].iter_mut().zip(values) {
                *gap = (*gap).max(*value);
            }
        }
        let length = word.chars().count() - 2;
        // Gap `at` is before the byte `at`; the dot in front makes it one more than in the word.
        word.char_indices()
            .enumerate()
            .skip(1)
            .filter(|(nth, (at, _))| {
                let before = nth - 1;
                gaps[*at] % 2 == 1 && before >= EDGE && before + EDGE <= length
            })
            .count()
    }
}

/// Of a word in lower case; at least one.
pub(super) fn count(word: &str) -> usize {
    if let Some(count) = EXCEPTIONS.get(word) {
        return usize::from(*count);
    }
    let start = word
        .char_indices()
        .nth(LONGEST)
        .map_or(word, |(end, _)| &word[..end]);
    PATTERNS
        .as_ref()
        .map_or(1, |patterns| patterns.hyphens(start) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn every_word_of_cmudict_has_its_syllables() {
        let packed = include_bytes!("../../../tests/data/readability/cmudict_syllables.tsv.gz");
        let mut text = String::new();
        flate2::read::GzDecoder::new(&packed[..])
            .read_to_string(&mut text)
            .unwrap();
        let mut wrong = Vec::new();
        let mut words = 0;
        for line in text.lines() {
            let (word, expected) = line.split_once('\t').unwrap();
            words += 1;
            if count(word).to_string() != expected {
                wrong.push(format!("{word}: {}, not {expected}", count(word)));
            }
        }
        assert_eq!(words, 126_052);
        assert!(
            wrong.is_empty(),
            "{}: {:?}",
            wrong.len(),
            &wrong[..wrong.len().min(20)]
        );
    }

    #[test]
    fn unknown_words_are_counted_by_where_they_may_be_hyphenated() {
        for (word, syllables) in [
            ("singersongwriter", 4),
            ("nonthreatening", 4),
            ("zzz", 1),
            ("игры", 1),
            ("500", 1),
        ] {
            assert_eq!(count(word), syllables, "{word}");
        }
        assert!(PATTERNS.as_ref().unwrap().values.len() > 4_000);
        assert!(count(&"banana".repeat(10_000)) > 1);
    }
}
