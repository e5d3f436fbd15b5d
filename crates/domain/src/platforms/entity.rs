//! What is more than plain text in a text.

use std::ops::Range;

crate::text_enum::text_enum! {
    /// What a piece of a text is on a platform.
    EntityKind {
        Link => "link",
        Mention => "mention",
        Hashtag => "hashtag",
        /// A tag of a share, on X: `$ABC`.
        Cashtag => "cashtag",
    }
}

/// A piece that a platform makes a link of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entity {
    pub kind: EntityKind,
    /// In characters.
    pub range: Range<usize>,
}

/// In order; where two overlap, the one that begins first stays.
pub(super) fn without_overlaps(mut entities: Vec<Entity>) -> Vec<Entity> {
    entities.sort_by_key(|entity| entity.range.start);
    let mut end = 0;
    entities.retain(|entity| {
        let free = entity.range.start >= end;
        if free {
            end = entity.range.end;
        }
        free
    });
    entities
}
