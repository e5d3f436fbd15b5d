//! The texts that cells share: all in one string, for there may be millions.

use super::xml::{Node, Xml};
use std::io::BufRead;

/// Bytes of all of them.
const MOST: usize = 64 * 1024 * 1024;

#[derive(Default)]
pub(super) struct Strings {
    all: String,
    ends: Vec<u32>,
}

impl Strings {
    pub fn read<R: BufRead>(mut xml: Xml<R>) -> Result<Self, String> {
        let mut strings = Self::default();
        // Phonetic hints are no text of the cell.
        let (mut in_text, mut in_hint) = (false, false);
        loop {
            match xml.next()? {
                Node::Open(tag) if tag.name().is("t") => in_text = !in_hint,
                Node::Open(tag) if tag.name().is("rPh") => in_hint = true,
                Node::Close(name) if name.is("t") => in_text = false,
                Node::Close(name) if name.is("rPh") => in_hint = false,
                Node::Close(name) if name.is("si") => {
                    strings
                        .ends
                        .push(u32::try_from(strings.all.len()).unwrap_or(u32::MAX));
                }
                Node::Text(text) if in_text => strings.all.push_str(&text),
                Node::End => return Ok(strings),
                _ => {}
            }
            if strings.all.len() > MOST || strings.ends.len() > MOST / 4 {
                return Err("is a spreadsheet with more than 64 MiB of texts: save it as CSV".into());
            }
        }
    }

    pub fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)? as usize;
        let start = match index.checked_sub(1) {
            Some(before) => *self.ends.get(before)? as usize,
            None => 0,
        };
        self.all.get(start..end)
    }
}
