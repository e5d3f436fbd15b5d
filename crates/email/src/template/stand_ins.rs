//! A text in which each tag of Jinja is a number between two rare brackets, for readers of HTML and XML, who would trip over quotes and
//! angle brackets in it. Afterwards the tags are put back.
//!
//! The brackets are printable: `mrml` writes attributes as Rust shows texts to programmers, with everything else escaped.

use super::tags::{Kind, Tag, tags};
use minijinja::Error;
use std::ops::Range;

/// Mathematical white square brackets, U+27E6 and U+27E7.
const OPEN: char = '\u{27E6}';
const CLOSE: char = '\u{27E7}';

#[derive(Debug)]
pub(crate) struct StandIns {
    pub shown: String,
    /// The tags in order: where each was written, where it is in `shown`, and its text.
    tags: Vec<Replaced>,
}

#[derive(Debug)]
struct Replaced {
    written: Range<usize>,
    shown: Range<usize>,
    text: String,
}

impl StandIns {
    /// Comments are left out. `None` when the text has such brackets of its own.
    pub fn new(source: &str) -> Result<Option<Self>, Error> {
        if source.contains([OPEN, CLOSE]) {
            return Ok(None);
        }
        let mut made = Self {
            shown: String::with_capacity(source.len()),
            tags: Vec::new(),
        };
        let mut end = 0;
        for Tag { kind, range } in tags(source)? {
            made.shown.push_str(&source[end..range.start]);
            end = range.end;
            let begin = made.shown.len();
            if kind != Kind::Comment {
                let number = made.tags.len().to_string();
                made.shown.push(OPEN);
                made.shown.push_str(&number);
                made.shown.push(CLOSE);
            }
            made.tags.push(Replaced {
                shown: begin..made.shown.len(),
                text: source[range.clone()].to_owned(),
                written: range,
            });
        }
        made.shown.push_str(&source[end..]);
        Ok(Some(made))
    }

    /// A text as it is.
    pub fn none(source: &str) -> Self {
        Self {
            shown: source.to_owned(),
            tags: Vec::new(),
        }
    }

    /// The tags in the places of their stand-ins.
    pub fn put_back(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() * 2);
        let mut at = 0;
        for range in stand_ins(text) {
            out.push_str(&text[at..range.start]);
            at = range.end;
            let number = text[range.clone()].trim_matches([OPEN, CLOSE]).parse::<usize>();
            let tag = number.ok().and_then(|index| self.tags.get(index));
            out.push_str(tag.map_or(&text[range], |tag| &tag.text));
        }
        out.push_str(&text[at..]);
        out
    }

    /// Where a byte of the shown text was written.
    pub fn written_at(&self, offset: usize) -> usize {
        let before = self.tags.partition_point(|tag| tag.shown.end <= offset);
        match before.checked_sub(1).and_then(|last| self.tags.get(last)) {
            Some(tag) => tag.written.end + offset.saturating_sub(tag.shown.end),
            None => offset,
        }
    }
}

/// Where stand-ins are in a text.
pub(super) fn stand_ins(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices(OPEN).filter_map(|(begin, _)| {
        let length = text[begin..].find(CLOSE)?;
        Some(begin..begin + length + CLOSE.len_utf8())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_come_back_and_places_are_found() {
        let source = "<a href=\"{{ x | default(\"y\") }}\">{# no #}b</a>{% if 1 < 2 %}c{% endif %}";
        let made = StandIns::new(source).unwrap().unwrap();
        assert!(!made.shown.contains(['{', '%']), "{}", made.shown);
        assert_eq!(made.put_back(&made.shown), source.replace("{# no #}", ""));
        for text in ["<a", "\">", "b</a>", "c"] {
            let shown = made.shown.find(text).unwrap();
            assert_eq!(&source[made.written_at(shown)..][..text.len()], text);
        }
        assert_eq!(
            made.put_back("\u{27E6}99\u{27E7}\u{27E6}"),
            "\u{27E6}99\u{27E7}\u{27E6}"
        );
        assert!(StandIns::new("\u{27E6}").unwrap().is_none());
    }
}
