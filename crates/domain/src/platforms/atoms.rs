//! A text in the pieces that may not be torn: graphemes, links, mentions and hashtags.

use super::entity::{Entity, EntityKind};
use super::rules::{Rules, Syntax};
use super::text::Text;
use super::unit::Unit;
use super::{bluesky, plain, x};
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;

/// What a platform finds in the text.
pub(super) fn entities(text: &Text, syntax: Syntax) -> Vec<Entity> {
    match syntax {
        Syntax::X => x::entities(&text.signs, x::Links::All),
        Syntax::Bluesky => bluesky::entities(&text.signs),
        Syntax::Mastodon => plain::entities(&text.signs, x::Links::WithScheme, true),
        Syntax::Plain => plain::entities(&text.signs, x::Links::All, false),
    }
}

/// A piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Atom {
    /// In characters.
    pub range: Range<usize>,
    /// Which of the entities are in it.
    entities: Range<usize>,
}

pub(super) fn atoms(text: &Text, entities: &[Entity]) -> Vec<Atom> {
    let mut atoms: Vec<Atom> = Vec::with_capacity(text.signs.len());
    let mut next = 0;
    let mut at = 0;
    for grapheme in text.content.graphemes(true) {
        let range = at..at + grapheme.chars().count();
        at = range.end;
        let inside = atoms.last_mut().filter(|atom| {
            entities[atom.entities.clone()]
                .last()
                .is_some_and(|last| last.range.end > range.start)
        });
        let first = next;
        while entities
            .get(next)
            .is_some_and(|entity| entity.range.start < range.end)
        {
            next += 1;
        }
        match inside {
            Some(atom) => {
                atom.range.end = range.end;
                atom.entities.end = next;
            }
            None => atoms.push(Atom {
                range,
                entities: first..next,
            }),
        }
    }
    atoms
}

impl Atom {
    /// How much it counts in a unit. Links count what the rules say, if `as_platform`.
    pub(super) fn count(&self, text: &Text, entities: &[Entity], unit: Unit, rules: Option<&Rules>) -> usize {
        let mut sum = 0;
        let mut done = self.range.start;
        for entity in &entities[self.entities.clone()] {
            let own = rules.and_then(|rules| match entity.kind {
                EntityKind::Link => rules.link_units,
                // Only the name counts, not the server.
                EntityKind::Mention if rules.syntax == Syntax::Mastodon => {
                    let mention = text.slice(&entity.range);
                    let name = mention[1..].find('@').map_or(mention, |at| &mention[..=at]);
                    Some(unit.count(name))
                }
                _ => None,
            });
            if let Some(own) = own {
                sum += unit.count(text.slice(&(done..entity.range.start))) + own;
                done = entity.range.end;
            }
        }
        sum + unit.count(text.slice(&(done..self.range.end)))
    }
}
