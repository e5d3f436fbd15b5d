//! Hashtags and cashtags.

use super::chars::{is_punctuation, is_space, is_tag_letter, is_tag_sign, scheme_follows};
use std::ops::Range;

fn is_hash(sign: char) -> bool {
    matches!(sign, '#' | '＃')
}

/// All hashtags of a text with their #, in order, also those inside of links.
pub(in super::super) fn hashtags(signs: &[char]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut at, mut taken) = (0, 0);
    while at < signs.len() {
        if !is_hash(signs[at]) || !(at == 0 || (at > taken && may_precede(signs[at - 1]))) {
            at += 1;
            continue;
        }
        let tag = &signs[at + 1..];
        let length = tag.iter().take_while(|sign| is_tag_sign(**sign)).count();
        // A # of a keycap is an emoji.
        let keycap = matches!(tag.first(), Some('\u{fe0f}' | '\u{20e3}'));
        if keycap || !tag[..length].iter().any(|sign| is_tag_letter(*sign)) {
            at += 1;
            continue;
        }
        taken = at + 1 + length;
        let rest = &signs[taken..];
        if !(rest.first().is_some_and(|next| is_hash(*next)) || scheme_follows(rest)) {
            found.push(at..taken);
        }
        at = taken;
    }
    found
}

fn may_precede(sign: char) -> bool {
    matches!(sign, '\u{fe0e}' | '\u{fe0f}') || !(is_tag_sign(sign) || sign == '&')
}

/// All tags of shares with their $, in order: `$ABC`, `$ABC.D`.
pub(in super::super) fn cashtags(signs: &[char]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut taken = 0;
    for (at, _) in signs.iter().enumerate().filter(|(_, sign)| **sign == '$') {
        if !(at == 0 || (at > taken && is_space(signs[at - 1]))) {
            continue;
        }
        let letters = |from: usize, most: usize| {
            signs[from..]
                .iter()
                .take(most)
                .take_while(|sign| sign.is_ascii_alphabetic())
                .count()
        };
        let ends = |end: usize| {
            signs
                .get(end)
                .is_none_or(|next| next.is_whitespace() || is_punctuation(*next))
        };
        let name = at + 1 + letters(at + 1, 6);
        if name == at + 1 {
            continue;
        }
        let class = matches!(signs.get(name), Some('.' | '_')).then(|| name + 1 + letters(name + 1, 2));
        let end = class
            .filter(|end| *end > name + 1 && ends(*end))
            .or_else(|| ends(name).then_some(name));
        if let Some(end) = end {
            found.push(at..end);
            taken = end;
        }
    }
    found
}
