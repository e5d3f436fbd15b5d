//! Links, mentions and tags as X finds them: a port of twitter-text @30e2430, whose conformance tests it passes.
//!
//! The crate `twitter-text` passes them, too, but links the C++ standard library into the binary. Positions here are in characters
//! (Unicode code points), from 0, the end excluded.

mod chars;
mod domain;
mod mentions;
mod tags;
mod url_check;
mod urls;

pub use url_check::is_valid_url;

pub(super) use chars::is_space;
pub(super) use domain::is_tld;
pub(super) use mentions::mentions;
pub(super) use tags::{cashtags, hashtags};
pub(super) use urls::{Links, links};

use super::entity::{Entity, EntityKind};

/// Whom a text answers: the name, without @, that it begins with.
pub fn reply_to(text: &str) -> Option<String> {
    let signs: Vec<char> = text.chars().collect();
    Some(signs[mentions::reply(&signs)?].iter().collect())
}

/// Everything in a text, in order; where two overlap, the one that begins first.
pub(super) fn entities(signs: &[char], which: Links) -> Vec<Entity> {
    let of = |kind: EntityKind| move |range: std::ops::Range<usize>| Entity { kind, range };
    let mut all: Vec<Entity> = links(signs, which)
        .into_iter()
        .map(of(EntityKind::Link))
        .collect();
    all.extend(
        mentions(signs)
            .into_iter()
            .map(|mention| of(EntityKind::Mention)(mention.range())),
    );
    all.extend(hashtags(signs).into_iter().map(of(EntityKind::Hashtag)));
    all.extend(cashtags(signs).into_iter().map(of(EntityKind::Cashtag)));
    super::entity::without_overlaps(all)
}

#[cfg(test)]
mod conformance_tests;
