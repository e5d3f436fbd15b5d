//! The little of XML that spreadsheets need: tags without their name spaces, attributes, and text.

use super::limited::ByThing;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::io::BufRead;

/// Tags within tags: a spreadsheet has some ten. The reader remembers the name of each that is open.
const DEEPEST: usize = 100;

pub(super) struct Xml<R> {
    reader: Reader<ByThing<R>>,
    buffer: Vec<u8>,
    depth: usize,
}

pub(super) enum Node {
    Open(Tag),
    Close(Name),
    Text(String),
    End,
}

pub(super) struct Tag(BytesStart<'static>);

/// Tags that matter here are short.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Name([u8; 16]);

impl Name {
    fn of(name: &[u8]) -> Self {
        let mut short = [0; 16];
        let length = name.len().min(16);
        short[..length].copy_from_slice(&name[..length]);
        Self(short)
    }

    pub fn is(self, name: &str) -> bool {
        self == Self::of(name.as_bytes())
    }
}

impl Tag {
    pub fn name(&self) -> Name {
        Name::of(self.0.local_name().as_ref())
    }

    /// By its whole name, prefix included.
    pub fn attribute(&self, name: &str) -> Result<Option<String>, String> {
        let found = self.0.try_get_attribute(name).map_err(broken)?;
        let Some(found) = found else { return Ok(None) };
        let text = std::str::from_utf8(&found.value).map_err(broken)?;
        let text = quick_xml::escape::unescape(text).map_err(broken)?;
        Ok(Some(text.into_owned()))
    }
}

fn broken(error: impl std::fmt::Display) -> String {
    format!("is a broken spreadsheet: {error}")
}

impl<R: BufRead> Xml<R> {
    pub fn new(reader: R) -> Self {
        let mut reader = Reader::from_reader(ByThing::new(reader));
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            buffer: Vec::new(),
            depth: 0,
        }
    }

    pub fn next(&mut self) -> Result<Node, String> {
        loop {
            self.buffer.clear();
            self.reader.get_mut().begin();
            let event = self.reader.read_event_into(&mut self.buffer).map_err(broken)?;
            let node = match event {
                Event::Start(tag) => {
                    self.depth += 1;
                    if self.depth > DEEPEST {
                        return Err("is a broken spreadsheet: it has too many tags within tags".into());
                    }
                    Node::Open(Tag(tag.into_owned()))
                }
                Event::End(tag) => {
                    self.depth = self.depth.saturating_sub(1);
                    Node::Close(Name::of(tag.local_name().as_ref()))
                }
                Event::Text(text) => Node::Text(text.decode().map_err(broken)?.into_owned()),
                Event::CData(text) => Node::Text(text.decode().map_err(broken)?.into_owned()),
                Event::GeneralRef(name) => Node::Text(match name.resolve_char_ref().map_err(broken)? {
                    Some(character) => character.to_string(),
                    None => entity(&name.decode().map_err(broken)?)?.to_owned(),
                }),
                Event::DocType(_) => {
                    return Err("is a spreadsheet with a document type, which none needs".into());
                }
                Event::Eof => Node::End,
                _ => continue,
            };
            return Ok(node);
        }
    }
}

/// None but the five that XML itself has.
fn entity(name: &str) -> Result<&'static str, String> {
    match name {
        "amp" => Ok("&"),
        "lt" => Ok("<"),
        "gt" => Ok(">"),
        "quot" => Ok("\""),
        "apos" => Ok("'"),
        _ => Err(format!("is a broken spreadsheet: &{name}; means nothing in it")),
    }
}
