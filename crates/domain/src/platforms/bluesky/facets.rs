//! Mentions, links and hashtags as atproto's `detectFacets` finds them.

use super::super::entity::{Entity, EntityKind, without_overlaps};
use super::super::x::is_tld;
use std::ops::Range;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// Of a hashtag without its #, in UTF-16.
const LONGEST_TAG: usize = 64;

pub(in super::super) fn entities(signs: &[char]) -> Vec<Entity> {
    let mut found = Vec::new();
    let (mut at, mut token_end) = (0, 0);
    while at < signs.len() {
        let before = at.checked_sub(1).map(|before| signs[before]);
        let begins = before.is_none_or(|before| before.is_whitespace() || before == '(');
        if !begins || signs[at].is_whitespace() {
            at += 1;
            continue;
        }
        // Looked for once for a token, however many brackets are in it.
        if token_end <= at {
            token_end = at
                + signs[at..]
                    .iter()
                    .take_while(|sign| !sign.is_whitespace())
                    .count();
        }
        let token = &signs[at..token_end];
        let piece = match token[0] {
            '@' => mention(token).map(|length| (EntityKind::Mention, length)),
            '#' | '＃' if before != Some('(') => tag(token).map(|length| (EntityKind::Hashtag, length)),
            _ => link(token).map(|length| (EntityKind::Link, length)),
        };
        match piece {
            Some((kind, length)) => {
                let range: Range<usize> = at..at + length;
                at = range.end.max(at + 1);
                found.push(Entity { kind, range });
            }
            None => at += 1,
        }
    }
    without_overlaps(found)
}

fn text(signs: &[char]) -> String {
    signs.iter().collect()
}

fn has_tld(domain: &str) -> bool {
    domain.rsplit_once('.').is_some_and(|(_, last)| is_tld(last))
}

fn mention(token: &[char]) -> Option<usize> {
    let length = token[1..]
        .iter()
        .take_while(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '.' | '-'))
        .count();
    let last = token[1..=length].iter().rposition(char::is_ascii_alphanumeric)?;
    let handle = text(&token[1..last + 2]);
    (has_tld(&handle) || handle.rsplit_once('.').is_some_and(|(_, last)| last == "test")).then_some(last + 2)
}

fn link(token: &[char]) -> Option<usize> {
    // No scheme and no domain is longer; the rest of a long token need not be looked at.
    let start = text(&token[..token.len().min(300)]);
    let lower = start.to_ascii_lowercase();
    let scheme = ["https://", "http://"]
        .iter()
        .find(|scheme| lower.starts_with(**scheme) && token.len() > scheme.len());
    if scheme.is_none() {
        let labels = |sign: char| sign.is_ascii_alphanumeric() || sign == '.';
        let end = start.find(|sign| !labels(sign)).unwrap_or(start.len());
        // As far as no label is empty.
        let domain = &start[..end];
        let domain = domain.split_once("..").map_or(domain, |(whole, _)| whole);
        let domain = domain.trim_end_matches('.');
        if !domain.starts_with(|sign: char| sign.is_ascii_alphabetic()) || !has_tld(domain) {
            return None;
        }
    }
    let mut length = token.len();
    if token[..length].last().is_some_and(|last| ".,;!?".contains(*last)) {
        length -= 1;
    }
    if token[..length].last() == Some(&')') && !token[..length].contains(&'(') {
        length -= 1;
    }
    Some(length)
}

fn tag(token: &[char]) -> Option<usize> {
    let breaks = |sign: char| matches!(sign, '\u{ad}' | '\u{2060}' | '\u{200a}'..='\u{200d}' | '\u{20e2}');
    let is_mark = |sign: char| sign.general_category_group() == GeneralCategoryGroup::Punctuation;
    if token.get(1) == Some(&'\u{fe0f}') {
        return None;
    }
    let length = 1 + token[1..].iter().take_while(|sign| !breaks(**sign)).count();
    let last = token[1..length].iter().rposition(|sign| !is_mark(*sign))?;
    let tag = &token[1..last + 2];
    let named = tag.iter().any(|sign| {
        !is_mark(*sign) && sign.general_category() != unicode_properties::GeneralCategory::DecimalNumber
    });
    let short = tag.iter().map(|sign| sign.len_utf16()).sum::<usize>() <= LONGEST_TAG;
    (named && short).then_some(last + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(EntityKind, String)> {
        let signs: Vec<char> = text.chars().collect();
        entities(&signs)
            .into_iter()
            .map(|entity| (entity.kind, signs[entity.range].iter().collect()))
            .collect()
    }

    #[test]
    fn mentions_are_handles() {
        let mention = |text: &str| (EntityKind::Mention, text.to_owned());
        assert_eq!(
            found("@handle.com middle (@other.test) @ jo@x.com @nodots @a.com."),
            [mention("@handle.com"), mention("@other.test"), mention("@a.com")]
        );
    }

    #[test]
    fn links_lose_the_mark_at_their_end() {
        let link = |text: &str| (EntityKind::Link, text.to_owned());
        assert_eq!(
            found(
                "start https://middle.com/foo(bar) (https://a.com), example.com/x?y=1. e.g. foo.notatld done!example.com"
            ),
            [
                link("https://middle.com/foo(bar)"),
                link("https://a.com"),
                link("example.com/x?y=1")
            ]
        );
    }

    #[test]
    fn tags_have_something_that_is_no_digit() {
        let tag = |text: &str| (EntityKind::Hashtag, text.to_owned());
        assert_eq!(
            found("#tag #1 #a1! #_ ##x #日本語 a#b # #️⃣"),
            [tag("#tag"), tag("#a1"), tag("##x"), tag("#日本語")]
        );
        assert!(found(&format!("#{}", "a".repeat(65))).is_empty());
    }
}
