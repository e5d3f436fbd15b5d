//! A text by characters, and where each is in bytes.

use serde::Serialize;
use std::ops::Range;

/// A piece of a text. Both ways to count begin at 0 and exclude the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Span {
    /// In characters: Unicode code points.
    pub start: usize,
    pub end: usize,
    /// In bytes of UTF-8, as the facets of Bluesky have it.
    pub byte_start: usize,
    pub byte_end: usize,
}

pub(super) struct Text<'a> {
    pub content: &'a str,
    pub signs: Vec<char>,
    /// Of each character, and of the end.
    offsets: Vec<usize>,
}

impl<'a> Text<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let mut signs = Vec::with_capacity(text.len());
        let mut offsets = Vec::with_capacity(text.len() + 1);
        for (at, sign) in text.char_indices() {
            signs.push(sign);
            offsets.push(at);
        }
        offsets.push(text.len());
        Self {
            content: text,
            signs,
            offsets,
        }
    }

    /// Of a range in characters.
    pub(super) fn slice(&self, range: &Range<usize>) -> &'a str {
        &self.content[self.offsets[range.start]..self.offsets[range.end]]
    }

    /// Of a range in characters.
    pub(super) fn span(&self, range: &Range<usize>) -> Span {
        Span {
            start: range.start,
            end: range.end,
            byte_start: self.offsets[range.start],
            byte_end: self.offsets[range.end],
        }
    }
}
