//! Where domains are in a text.

use super::chars::{is_directional, is_invalid, is_punctuation, is_space};
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

/// Top-level domains as X knows them, also some that are gone.
static TLDS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("../../../data/platforms/tlds.txt").lines().collect());

/// In characters. None is longer, apart from those in Punycode, which any text stands for.
const LONGEST_TLD: usize = 24;

/// In lower case.
pub(in super::super) fn is_tld(name: &str) -> bool {
    TLDS.contains(name)
}

pub(super) fn is_of_domain(sign: char) -> bool {
    !(is_punctuation(sign) || is_space(sign) || is_invalid(sign) || is_directional(sign))
}

/// Where the top-level domain that begins at `start` ends. The text ends at `limit`.
pub(super) fn tld_end(signs: &[char], start: usize, limit: usize) -> Option<usize> {
    let rest = &signs[start..limit];
    let ends = |at: usize| {
        rest.get(at)
            .is_none_or(|next| !(next.is_ascii_alphanumeric() || matches!(next, '@' | '+' | '-')))
    };
    let longest = rest
        .iter()
        .take(LONGEST_TLD)
        .take_while(|sign| is_of_domain(**sign))
        .count();
    let name: String = rest[..longest]
        .iter()
        .flat_map(|sign| sign.to_lowercase())
        .collect();
    let mut end = name.len();
    for length in (1..=longest).rev() {
        if end <= name.len() && name.is_char_boundary(end) && ends(length) && is_tld(&name[..end]) {
            return Some(start + length);
        }
        end -= rest[length - 1].to_lowercase().map(char::len_utf8).sum::<usize>();
    }
    let punycode = rest.len() > 4 && rest[..4].iter().collect::<String>().eq_ignore_ascii_case("xn--");
    let length = rest
        .iter()
        .take_while(|sign| sign.is_ascii_alphanumeric() || **sign == '-')
        .count();
    (punycode && length > 4).then_some(start + length)
}

/// A piece of a domain between two dots.
struct Label {
    range: Range<usize>,
    /// Whether it begins where the one before it ends with a dot.
    joined: bool,
    /// Where the top-level domain ends that begins here.
    tld_end: Option<usize>,
    last_underscore: Option<usize>,
    /// The farthest label that can be the top-level domain of a domain that has this one in full.
    far: Option<usize>,
}

/// All places where a domain can be. Made once for a text, so that looking at any place takes the same short time.
pub(super) struct Domains<'a> {
    signs: &'a [char],
    labels: Vec<Label>,
}

impl<'a> Domains<'a> {
    pub(super) fn of(signs: &'a [char]) -> Self {
        let mut labels: Vec<Label> = Vec::new();
        let mut at = 0;
        let mut joined = false;
        while at < signs.len() {
            let start = at;
            let mut last_underscore = None;
            while at < signs.len() && (is_of_domain(signs[at]) || matches!(signs[at], '_' | '-')) {
                if signs[at] == '_' {
                    last_underscore = Some(at);
                }
                at += 1;
            }
            let dot = signs.get(at) == Some(&'.');
            // A label that stands alone is no domain.
            if dot || joined {
                labels.push(Label {
                    range: start..at,
                    joined,
                    tld_end: (joined && at > start)
                        .then(|| tld_end(signs, start, signs.len()))
                        .flatten(),
                    last_underscore,
                    far: None,
                });
            }
            joined = dot;
            at += 1;
        }
        let mut domains = Self { signs, labels };
        for at in (0..domains.labels.len()).rev() {
            domains.labels[at].far = domains.top_after(at, domains.labels[at].range.start);
        }
        domains
    }

    /// The label that is the top-level domain, of a domain that begins at `start`, in this label.
    fn top_after(&self, at: usize, start: usize) -> Option<usize> {
        let label = &self.labels[at];
        let next = self.labels.get(at + 1).filter(|next| next.joined)?;
        let end = label.range.end;
        let whole = start < end && is_of_domain(self.signs[start]) && is_of_domain(self.signs[end - 1]);
        if !whole {
            return None;
        }
        // An underscore may be in front of the domain's name only.
        let is_name = label.last_underscore.is_none_or(|underscore| underscore < start);
        next.far
            .or_else(|| (is_name && next.tld_end.is_some()).then_some(at + 1))
    }

    /// The end of the domain that begins at `start`.
    pub(super) fn end_from(&self, start: usize) -> Option<usize> {
        let at = self.labels.partition_point(|label| label.range.end <= start);
        let label = self.labels.get(at).filter(|label| label.range.start <= start)?;
        debug_assert!(label.range.end > start);
        self.labels[self.top_after(at, start)?].tld_end
    }
}
