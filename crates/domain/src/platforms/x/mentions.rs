//! Mentions of accounts and lists.

use super::chars::{is_latin_accent, is_space, scheme_follows};
use std::ops::Range;

/// In characters.
const LONGEST_NAME: usize = 20;
const LONGEST_LIST: usize = 25;

/// `@name` or `@name/list`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Mention {
    /// With the @.
    pub name: Range<usize>,
    /// Where the list ends, whose slash is where the name ends.
    pub list_end: Option<usize>,
}

impl Mention {
    pub(in super::super) fn range(&self) -> Range<usize> {
        self.name.start..self.list_end.unwrap_or(self.name.end)
    }
}

fn is_at(sign: char) -> bool {
    matches!(sign, '@' | '＠')
}

fn is_of_name(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || sign == '_'
}

fn name_length(rest: &[char]) -> usize {
    rest.iter()
        .take(LONGEST_NAME)
        .take_while(|sign| is_of_name(**sign))
        .count()
}

/// What follows may make it no mention after all.
fn is_broken_off(rest: &[char]) -> bool {
    rest.first()
        .is_some_and(|next| is_at(*next) || is_latin_accent(*next))
        || scheme_follows(rest)
}

/// All mentions of a text, in order.
pub(in super::super) fn mentions(signs: &[char]) -> Vec<Mention> {
    let mut found = Vec::new();
    let (mut at, mut taken) = (0, 0);
    while at < signs.len() {
        let length = if is_at(signs[at]) && is_free(signs, at, taken) {
            name_length(&signs[at + 1..])
        } else {
            0
        };
        if length == 0 {
            at += 1;
            continue;
        }
        let end = at + 1 + length;
        let mention = Mention {
            name: at..end,
            list_end: list_end(signs, end),
        };
        taken = mention.range().end;
        at = taken;
        if !is_broken_off(&signs[taken..]) {
            found.push(mention);
        }
    }
    found
}

fn list_end(signs: &[char], slash: usize) -> Option<usize> {
    let rest = signs.get(slash..)?;
    if rest.first() != Some(&'/') || !rest.get(1)?.is_ascii_alphabetic() {
        return None;
    }
    let length = rest[1..]
        .iter()
        .take(LONGEST_LIST)
        .take_while(|sign| is_of_name(**sign) || **sign == '-')
        .count();
    Some(slash + 1 + length)
}

/// Whether the @ begins a word, or follows `RT`. What a mention before took is not looked at again.
fn is_free(signs: &[char], at: usize, taken: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|before| signs[before]) else {
        return true;
    };
    let word = before.is_ascii_alphanumeric()
        || matches!(before, '_' | '!' | '#' | '$' | '%' | '&' | '*' | '@' | '＠');
    if at > taken && !word {
        return true;
    }
    let Some(retweet) = at.checked_sub(2).filter(|start| *start >= taken) else {
        return false;
    };
    let is_retweet =
        signs[retweet].eq_ignore_ascii_case(&'r') && signs[retweet + 1].eq_ignore_ascii_case(&'t');
    let begins = retweet == 0
        || (retweet > taken
            && !(is_of_name(signs[retweet - 1]) || matches!(signs[retweet - 1], '+' | '~' | '.' | '-')));
    is_retweet && begins
}

/// Whom a text answers: the name, without @, that it begins with.
pub(super) fn reply(signs: &[char]) -> Option<Range<usize>> {
    let at = signs.iter().position(|sign| !is_space(*sign))?;
    if !is_at(signs[at]) {
        return None;
    }
    let length = name_length(&signs[at + 1..]);
    let end = at + 1 + length;
    (length > 0 && !is_broken_off(&signs[end..])).then_some(at + 1..end)
}
