//! Where something is written.

use groundswell_domain::Position;

/// A part of a template as it was written.
pub(super) struct Places<'a>(&'a str);

impl<'a> Places<'a> {
    pub fn new(text: &'a str) -> Self {
        Self(text)
    }

    /// The place of the nth occurrence (from 0) of these words, in any case; of none when they come from elsewhere.
    pub fn nth(&self, needle: &str, nth: usize) -> Option<Position> {
        if needle.is_empty() {
            return None;
        }
        // Only ASCII is folded, so that places stay what they are.
        let (text, needle) = (self.0.to_ascii_lowercase(), needle.to_ascii_lowercase());
        let (at, _) = text.match_indices(&needle).nth(nth)?;
        let before = &text[..at];
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
        Some(Position {
            line: u32::try_from(line).ok()?,
            column: u32::try_from(column).ok()?,
            length: u32::try_from(needle.chars().count()).ok()?,
        })
    }
}
