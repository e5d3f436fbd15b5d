//! The rows of a sheet, one after the other.

use super::cells::{column_of, number, time};
use super::strings::Strings;
use super::xml::{Node, Tag};
use super::{MOST_ROWS, Xml};
use crate::leads::import::intake::LONGEST_LINE;

/// Cells of a row that are kept but for one, which shows that there are more: as many columns as a file may have.
const MOST_KEPT: usize = 500;

pub(in crate::leads::import) struct Rows<'a> {
    xml: Xml<'a>,
    strings: &'a Strings,
    times: &'a [bool],
    from_1904: bool,
    /// Of the last row.
    row: u32,
}

/// A row that has something in it.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::leads::import) struct Row {
    /// From 1.
    pub number: u32,
    pub cells: Vec<String>,
}

/// How the text of a cell is meant.
enum Kind {
    Shared,
    Text,
    Bool,
    Error,
    Number,
    Time,
}

impl<'a> Rows<'a> {
    pub(super) fn new(xml: Xml<'a>, strings: &'a Strings, times: &'a [bool], from_1904: bool) -> Self {
        Self {
            xml,
            strings,
            times,
            from_1904,
            row: 0,
        }
    }

    /// The next row with a cell that is not empty.
    pub fn next(&mut self) -> Result<Option<Row>, String> {
        loop {
            let given = match self.xml.next()? {
                Node::Open(tag) if tag.name().is("row") => tag.attribute("r")?,
                Node::End => return Ok(None),
                _ => continue,
            };
            let row = match given {
                Some(given) => given.parse().unwrap_or(0),
                None => self.row + 1,
            };
            if row <= self.row || row > MOST_ROWS {
                return Err(format!(
                    "is a broken spreadsheet: after row {} comes row {row}",
                    self.row
                ));
            }
            self.row = row;
            let cells = self.cells()?;
            if cells.iter().any(|cell| !cell.trim().is_empty()) {
                return Ok(Some(Row { number: row, cells }));
            }
        }
    }

    fn cells(&mut self) -> Result<Vec<String>, String> {
        let mut cells: Vec<String> = Vec::new();
        let mut length = 0;
        // Cells need not say where they are.
        let mut next = 0;
        loop {
            let (reference, kind) = match self.xml.next()? {
                Node::Open(tag) if tag.name().is("c") => (tag.attribute("r")?, self.kind(&tag)?),
                Node::Close(name) if name.is("row") => return Ok(cells),
                Node::End => return Err("is a broken spreadsheet: it ends within a row".into()),
                _ => continue,
            };
            let text = self.cell()?;
            let text = self.value(&kind, text)?;
            let column = match &reference {
                Some(reference) => column_of(reference)
                    .ok_or_else(|| format!("is a broken spreadsheet: `{reference}` is no cell"))?,
                None => next,
            };
            next = column + 1;
            if text.is_empty() {
                continue;
            }
            length += text.len();
            if length > LONGEST_LINE / 4 {
                return Err(format!("has a row that is too long: row {}", self.row));
            }
            // More are refused anyhow, and each row of the text would have as many commas as the sheet is wide.
            let column = column.min(MOST_KEPT);
            if cells.len() <= column {
                cells.resize(column + 1, String::new());
            }
            cells[column] = text;
        }
    }

    fn kind(&self, tag: &Tag) -> Result<Kind, String> {
        Ok(match tag.attribute("t")?.as_deref() {
            Some("s") => Kind::Shared,
            Some("b") => Kind::Bool,
            Some("e") => Kind::Error,
            None | Some("n") => {
                let style = tag.attribute("s")?.and_then(|style| style.parse().ok());
                let is_time = self.times.get(style.unwrap_or(0_usize)).copied();
                if is_time.unwrap_or(false) {
                    Kind::Time
                } else {
                    Kind::Number
                }
            }
            // `str` of formulas, `inlineStr`, and `d`, which is ISO 8601 already.
            Some(_) => Kind::Text,
        })
    }

    /// The text of `v`, or of all `t` but phonetic hints.
    fn cell(&mut self) -> Result<String, String> {
        let mut all = String::new();
        let (mut in_text, mut in_hint) = (false, false);
        loop {
            match self.xml.next()? {
                Node::Open(tag) if tag.name().is("v") || tag.name().is("t") => in_text = !in_hint,
                Node::Open(tag) if tag.name().is("rPh") => in_hint = true,
                Node::Close(name) if name.is("rPh") => in_hint = false,
                Node::Close(name) if name.is("v") || name.is("t") => in_text = false,
                Node::Close(name) if name.is("c") => return Ok(all),
                Node::Text(text) if in_text => {
                    all.push_str(&text);
                    if all.len() > LONGEST_LINE / 4 {
                        return Err(format!("has a cell that is too long, in row {}", self.row));
                    }
                }
                Node::End => return Err("is a broken spreadsheet: it ends within a cell".into()),
                _ => {}
            }
        }
    }

    fn quantity(&self, kind: &Kind, text: &str) -> String {
        match kind {
            Kind::Time => time(text, self.from_1904),
            _ => number(text),
        }
    }

    fn value(&self, kind: &Kind, text: String) -> Result<String, String> {
        Ok(match kind {
            Kind::Shared => {
                let found = text.trim().parse().ok().and_then(|index| self.strings.get(index));
                let missing = || format!("is a broken spreadsheet: text {text} is missing");
                found.ok_or_else(missing)?.to_owned()
            }
            Kind::Bool if text == "1" => "true".to_owned(),
            Kind::Bool if text == "0" => "false".to_owned(),
            // What a formula could not tell is nothing.
            Kind::Error => String::new(),
            Kind::Number | Kind::Time if !text.is_empty() => self.quantity(kind, &text),
            _ => text,
        })
    }
}
