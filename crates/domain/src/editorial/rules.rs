//! Word lists with reasons, from the data files.

use super::terms::Term;
use regex::{Regex, RegexBuilder};
use std::sync::LazyLock;

/// A term that leaves people out.
pub(super) struct Inclusive {
    pub term: Term,
    pub instead: Vec<&'static str>,
    pub reason: &'static str,
}

/// A claim that must be backed.
pub(super) struct Claim {
    pub pattern: Regex,
    pub reason: &'static str,
}

fn lines(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

pub(super) static INCLUSIVE: LazyLock<Vec<Inclusive>> = LazyLock::new(|| {
    lines(include_str!("../../data/editorial/inclusive.tsv"))
        .filter_map(|line| {
            let mut cells = line.split('\t');
            let (term, instead, reason) = (cells.next()?, cells.next()?, cells.next()?);
            Some(Inclusive {
                term: Term::new(term)?,
                instead: instead.split('|').filter(|word| !word.is_empty()).collect(),
                reason,
            })
        })
        .collect()
});

pub(super) static CLAIMS: LazyLock<Vec<Claim>> = LazyLock::new(|| {
    lines(include_str!("../../data/editorial/claims.tsv"))
        .filter_map(|line| {
            let (pattern, reason) = line.split_once('\t')?;
            let pattern = RegexBuilder::new(pattern).case_insensitive(true).build().ok()?;
            Some(Claim { pattern, reason })
        })
        .collect()
});

/// Words of a list in `headlines.txt`.
pub(super) fn headline_words(list: &str) -> impl Iterator<Item = &'static str> {
    let header = format!("[{list}]");
    lines(include_str!("../../data/editorial/headlines.txt"))
        .skip_while(move |line| *line != header)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_data_can_be_read() {
        let count = |file| lines(file).count();
        assert_eq!(
            INCLUSIVE.len(),
            count(include_str!("../../data/editorial/inclusive.tsv"))
        );
        assert_eq!(
            CLAIMS.len(),
            count(include_str!("../../data/editorial/claims.tsv"))
        );
        assert!(INCLUSIVE.iter().all(|entry| !entry.reason.is_empty()));
        for list in ["power", "vague", "filler", "clickbait"] {
            assert!(headline_words(list).count() > 3, "{list}");
        }
    }
}
