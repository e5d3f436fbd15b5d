//! Mentions on platforms that publish no grammar for them, and on Mastodon.

use super::entity::{Entity, EntityKind, without_overlaps};
use super::x;
use std::ops::Range;

fn is_word(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || sign == '_'
}

/// `name` with dots and hyphens inside; how many characters.
fn name_length(rest: &[char]) -> usize {
    let length = rest
        .iter()
        .take_while(|sign| is_word(**sign) || matches!(sign, '.' | '-'))
        .count();
    let last = rest[..length].iter().rposition(|sign| is_word(*sign));
    match (rest.first(), last) {
        (Some(first), Some(last)) if is_word(*first) => last + 1,
        _ => 0,
    }
}

/// `@name`, and with `federated` also `@name@server.example`, where the server's part is returned, too.
pub(super) fn mentions(signs: &[char], federated: bool) -> Vec<(Range<usize>, Option<Range<usize>>)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < signs.len() {
        let before = at.checked_sub(1).map(|before| signs[before]);
        let free = before
            .is_none_or(|before| !(before.is_alphanumeric() || matches!(before, '_' | '@' | '/' | '=')));
        let length = if signs[at] == '@' && free {
            name_length(&signs[at + 1..])
        } else {
            0
        };
        if length == 0 {
            at += 1;
            continue;
        }
        let end = at + 1 + length;
        let server = (federated && signs.get(end) == Some(&'@'))
            .then(|| end..end + 1 + name_length(&signs[end + 1..]))
            .filter(|server| server.len() > 1);
        let whole = at..server.as_ref().map_or(end, |server| server.end);
        at = whole.end;
        found.push((whole, server));
    }
    found
}

/// Links, mentions and hashtags of a text, in order.
pub(super) fn entities(signs: &[char], links: x::Links, federated: bool) -> Vec<Entity> {
    let of = |kind: EntityKind| move |range: Range<usize>| Entity { kind, range };
    let mut all: Vec<Entity> = x::links(signs, links)
        .into_iter()
        .map(of(EntityKind::Link))
        .collect();
    all.extend(
        mentions(signs, federated)
            .into_iter()
            .map(|(range, _)| of(EntityKind::Mention)(range)),
    );
    all.extend(x::hashtags(signs).into_iter().map(of(EntityKind::Hashtag)));
    without_overlaps(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, federated: bool) -> Vec<String> {
        let signs: Vec<char> = text.chars().collect();
        mentions(&signs, federated)
            .into_iter()
            .map(|(range, _)| signs[range].iter().collect())
            .collect()
    }

    #[test]
    fn names_may_have_dots_inside() {
        assert_eq!(
            found("@jo.doe. (@a_b) mail@example.com @@x @", false),
            ["@jo.doe", "@a_b"]
        );
        assert_eq!(
            found("Hi @jo@social.example, @me", true),
            ["@jo@social.example", "@me"]
        );
        assert_eq!(found("@jo@social.example", false), ["@jo"]);
    }
}
