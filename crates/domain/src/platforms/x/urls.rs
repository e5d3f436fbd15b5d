//! Links.

use super::chars::{is_cyrillic, is_directional, is_invalid, is_latin_accent};
use super::domain::{Domains, tld_end};
use std::ops::Range;

/// Which links are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Links {
    /// Also `example.com`.
    All,
    /// Only those with `http://` or `https://`.
    WithScheme,
}

/// In characters, with the scheme that is added where there is none.
const LONGEST_URL: usize = 4_096;
const LONGEST_SLUG: usize = 40;
/// Of a label, in Punycode: RFC 1035.
const LONGEST_LABEL: usize = 63;

/// All links of a text, in order.
pub(in super::super) fn links(signs: &[char], which: Links) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let needed = if which == Links::All { '.' } else { ':' };
    if !signs.contains(&needed) {
        return found;
    }
    let domains = Domains::of(signs);
    let mut taken = 0;
    let mut start = 0;
    while start < signs.len() {
        // The character before a link belongs to it, so that two can't share it.
        let free = start == 0 || (start > taken && may_precede(signs[start - 1]));
        let Some(link) = free.then(|| Link::at(signs, &domains, start)).flatten() else {
            start += 1;
            continue;
        };
        taken = link.end;
        if link.is_valid(signs) {
            if link.domain.start > link.start {
                found.extend(link.with_scheme(signs));
            } else if which == Links::All && !(start > 0 && matches!(signs[start - 1], '-' | '_' | '.' | '/'))
            {
                link.ascii_domains(signs, &mut found);
            }
        }
        start = taken + 1;
    }
    found
}

fn may_precede(sign: char) -> bool {
    !(sign.is_ascii_alphanumeric() || matches!(sign, '@' | '＠' | '$' | '#' | '＃') || is_invalid(sign))
        || is_directional(sign)
}

/// The parts of something that looks like a link.
struct Link {
    start: usize,
    domain: Range<usize>,
    has_path: bool,
    end: usize,
}

impl Link {
    fn at(signs: &[char], domains: &Domains, start: usize) -> Option<Self> {
        let scheme = scheme_length(&signs[start..]);
        let domain_start = start + scheme;
        let domain = domain_start..domains.end_from(domain_start)?;
        let mut end = domain.end;
        if signs.get(end) == Some(&':') {
            let digits = signs[end + 1..]
                .iter()
                .take_while(|sign| sign.is_ascii_digit())
                .count();
            if digits > 0 {
                end += 1 + digits;
            }
        }
        let has_path = signs.get(end) == Some(&'/');
        if has_path {
            end = path_end(signs, end + 1);
        }
        if signs.get(end) == Some(&'?') {
            end = query_end(signs, end).unwrap_or(end);
        }
        Some(Self {
            start,
            domain,
            has_path,
            end,
        })
    }

    /// Whether its labels and all of it are short enough.
    fn is_valid(&self, signs: &[char]) -> bool {
        let domain = &signs[self.domain.clone()];
        let scheme = if self.domain.start == self.start {
            "https://".len()
        } else {
            0
        };
        if scheme + (self.end - self.start) > LONGEST_URL || !domain.split(|sign| *sign == '.').all(is_short)
        {
            return false;
        }
        let punycode = domain.len() > 4 && domain[..4] == ['x', 'n', '-', '-'];
        !punycode || domain.is_ascii_signs()
    }

    /// Links of t.co end after their slug.
    fn with_scheme(&self, signs: &[char]) -> Option<Range<usize>> {
        let domain = &signs[self.domain.clone()];
        let lower = |sign: &char| sign.to_ascii_lowercase();
        if domain.iter().map(lower).eq("t.co".chars()) && signs.get(self.domain.end) == Some(&'/') {
            let slug = self.domain.end + 1;
            let length = signs[slug..self.end]
                .iter()
                .take_while(|sign| sign.is_ascii_alphanumeric())
                .count();
            if length > LONGEST_SLUG {
                return None;
            }
            if length > 0 {
                let mut end = slug + length;
                if signs.get(end) == Some(&'?') {
                    end = query_end(signs, end).unwrap_or(end);
                }
                return Some(self.start..end);
            }
        }
        Some(self.start..self.end)
    }

    /// Without a scheme only the parts in Latin script are links: `日本語example.com`.
    fn ascii_domains(&self, signs: &[char], found: &mut Vec<Range<usize>>) {
        let before = found.len();
        let limit = self.domain.end;
        let mut at = self.domain.start;
        while at < limit {
            let length = signs[at..limit]
                .iter()
                .take_while(|sign| is_ascii_part(**sign))
                .count();
            let part = at..at + length;
            match ascii_domain(signs, part.clone(), limit) {
                Some(domain) => {
                    at = domain.end;
                    found.push(domain);
                }
                None => at = part.end + 1,
            }
        }
        if self.has_path
            && found.len() > before
            && let Some(last) = found.last_mut()
        {
            last.end = self.end;
        }
    }
}

trait AsciiSigns {
    fn is_ascii_signs(&self) -> bool;
}

impl AsciiSigns for [char] {
    fn is_ascii_signs(&self) -> bool {
        self.iter().all(char::is_ascii)
    }
}

fn is_ascii_part(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || matches!(sign, '-' | '.') || is_latin_accent(sign)
}

/// The longest domain that begins at the first label of `part` which is not empty.
fn ascii_domain(signs: &[char], part: Range<usize>, limit: usize) -> Option<Range<usize>> {
    let start = part.start
        + signs[part.clone()]
            .iter()
            .take_while(|sign| **sign == '.')
            .count();
    (start..part.end)
        .rev()
        .filter(|dot| signs[*dot] == '.' && *dot > start)
        .find_map(|dot| Some(start..tld_end(signs, dot + 1, limit)?))
}

fn is_short(label: &[char]) -> bool {
    if label.is_empty() || label.len() > LONGEST_LABEL {
        return false;
    }
    if label.is_ascii_signs() {
        return true;
    }
    let text: String = label.iter().collect();
    idna::punycode::encode_str(&text).is_some_and(|code| "xn--".len() + code.len() <= LONGEST_LABEL)
}

fn scheme_length(rest: &[char]) -> usize {
    let is = |scheme: &str| {
        let length = scheme.len();
        rest.len() > length
            && rest[..length]
                .iter()
                .map(char::to_ascii_lowercase)
                .eq(scheme.chars())
    };
    ["https://", "http://"]
        .iter()
        .find(|scheme| is(scheme))
        .map_or(0, |scheme| scheme.len())
}

fn is_of_path(sign: char) -> bool {
    sign.is_ascii_alphanumeric()
        || "!*';:=+,.$/%#[]-\u{2013}_~@|&".contains(sign)
        || is_cyrillic(sign)
        || is_latin_accent(sign)
}

fn may_end_path(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || "+-=_#/".contains(sign) || is_cyrillic(sign) || is_latin_accent(sign)
}

/// The end of a path whose first slash is before `start`: it has no mark of the sentence at its end, and brackets in pairs.
fn path_end(signs: &[char], start: usize) -> usize {
    let (mut at, mut end) = (start, start);
    while let Some(sign) = signs.get(at) {
        if *sign == '(' {
            let Some(close) = brackets_end(signs, at) else {
                break;
            };
            at = close;
            end = close;
        } else if is_of_path(*sign) {
            at += 1;
            if may_end_path(*sign) {
                end = at;
            }
        } else {
            break;
        }
    }
    end
}

/// The end of brackets that may have one more pair in them.
fn brackets_end(signs: &[char], open: usize) -> Option<usize> {
    let skip = |from: usize| from + signs[from..].iter().take_while(|sign| is_of_path(**sign)).count();
    let inside = skip(open + 1);
    match signs.get(inside)? {
        ')' => (inside > open + 1).then_some(inside + 1),
        '(' => {
            let nested = skip(inside + 1);
            if nested == inside + 1 || signs.get(nested) != Some(&')') {
                return None;
            }
            let close = skip(nested + 1);
            (signs.get(close) == Some(&')')).then_some(close + 1)
        }
        _ => None,
    }
}

/// The end of a query that begins with the question mark at `start`, if something follows it.
fn query_end(signs: &[char], start: usize) -> Option<usize> {
    let is_of_query = |sign: char| sign.is_ascii_alphanumeric() || "!?*'@();:&=+$/%#[]-_.,~|".contains(sign);
    let may_end = |sign: char| sign.is_ascii_alphanumeric() || "-_&=#/".contains(sign);
    let length = signs[start + 1..]
        .iter()
        .take_while(|sign| is_of_query(**sign))
        .count();
    let query = &signs[start + 1..start + 1 + length];
    let last = query.iter().rposition(|sign| may_end(*sign))?;
    Some(start + 1 + last + 1)
}
