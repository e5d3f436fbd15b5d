//! The small parts: which sheets there are, where they are, and which styles show times.

use super::MOST_PARTS;
use super::xml::{Node, Xml};
use std::collections::HashMap;
use std::io::BufRead;

/// Sheets that are named to somebody who looks for another one, and characters of their names: programs allow 31.
const MOST_NAMED: usize = 100;
const LONGEST_NAME: usize = 100;
/// Most styles of cells.
const MOST_STYLES: usize = 100_000;

pub(super) struct Sheet {
    pub name: String,
    pub relation: String,
    visible: bool,
}

#[derive(Default)]
pub(super) struct Book {
    pub sheets: Vec<Sheet>,
    pub from_1904: bool,
}

pub(super) fn workbook<R: BufRead>(mut xml: Xml<R>) -> Result<Book, String> {
    let mut book = Book::default();
    loop {
        match xml.next()? {
            Node::Open(tag) if tag.name().is("sheet") => {
                let id = tag.attribute("r:id")?;
                book.sheets.push(Sheet {
                    name: tag.attribute("name")?.unwrap_or_default(),
                    relation: id.unwrap_or_default(),
                    visible: tag.attribute("state")?.is_none_or(|state| state == "visible"),
                });
                if book.sheets.len() > MOST_PARTS {
                    return Err("is a spreadsheet with too many sheets".into());
                }
            }
            Node::Open(tag) if tag.name().is("workbookPr") => {
                let from = tag.attribute("date1904")?;
                book.from_1904 = from.is_some_and(|from| from == "1" || from == "true");
            }
            Node::End => return Ok(book),
            _ => {}
        }
    }
}

pub(super) fn choose<'a>(sheets: &'a [Sheet], wanted: Option<&str>) -> Result<&'a Sheet, String> {
    let found = match wanted {
        None => sheets.iter().find(|sheet| sheet.visible).or(sheets.first()),
        Some(wanted) => {
            let same = |sheet: &&Sheet| sheet.name.to_lowercase() == wanted.trim().to_lowercase();
            sheets.iter().find(same)
        }
    };
    found.ok_or_else(|| match wanted {
        None => "is a spreadsheet without a sheet".to_owned(),
        Some(wanted) => {
            let name = |sheet: &Sheet| sheet.name.chars().take(LONGEST_NAME).collect::<String>();
            let names: Vec<_> = sheets.iter().take(MOST_NAMED).map(name).collect();
            format!("has no sheet `{wanted}`; there are: {}", names.join(", "))
        }
    })
}

/// Relation → path in the archive.
pub(super) fn targets<R: BufRead>(mut xml: Xml<R>) -> Result<HashMap<String, String>, String> {
    let mut targets = HashMap::new();
    loop {
        match xml.next()? {
            Node::Open(tag) if tag.name().is("Relationship") && targets.len() < MOST_PARTS => {
                let target = tag.attribute("Target")?.unwrap_or_default();
                let path = match target.strip_prefix('/') {
                    Some(whole) => whole.to_owned(),
                    None => format!("xl/{target}"),
                };
                targets.insert(tag.attribute("Id")?.unwrap_or_default(), path);
            }
            Node::End => return Ok(targets),
            _ => {}
        }
    }
}

/// By the number of a style: whether it shows a time.
pub(super) fn times<R: BufRead>(mut xml: Xml<R>) -> Result<Vec<bool>, String> {
    let mut own: HashMap<u32, bool> = HashMap::new();
    let mut times = Vec::new();
    let mut in_cells = false;
    loop {
        match xml.next()? {
            Node::Open(tag) if tag.name().is("numFmt") && own.len() < MOST_STYLES => {
                let id = tag.attribute("numFmtId")?.and_then(|id| id.parse().ok());
                let code = tag.attribute("formatCode")?.unwrap_or_default();
                own.insert(id.unwrap_or_default(), shows_time(&code));
            }
            Node::Open(tag) if tag.name().is("cellXfs") => in_cells = true,
            Node::Open(tag) if in_cells && tag.name().is("xf") && times.len() < MOST_STYLES => {
                let id = tag.attribute("numFmtId")?.and_then(|id| id.parse().ok());
                let id: u32 = id.unwrap_or_default();
                // Formats that have a number only: 18.8.30 of the standard.
                let known = matches!(id, 14..=22 | 27..=36 | 45..=47 | 50..=58);
                times.push(own.get(&id).copied().unwrap_or(known));
            }
            Node::Close(name) if name.is("cellXfs") => in_cells = false,
            Node::End => return Ok(times),
            _ => {}
        }
    }
}

/// Whether a format has letters of a date or a time outside of quotes and brackets.
fn shows_time(code: &str) -> bool {
    let (mut quoted, mut bracket) = (false, false);
    let mut characters = code.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '\\' | '_' | '*' => drop(characters.next()),
            '[' => bracket = true,
            ']' => bracket = false,
            _ if bracket => {}
            'd' | 'D' | 'm' | 'M' | 'y' | 'Y' | 'h' | 'H' | 's' | 'S' => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::shows_time;

    #[test]
    fn formats_of_times_are_told_from_those_of_numbers() {
        for time in ["yyyy-mm-dd", "d.m.yy", "[$-409]h:mm AM/PM", "mmm\\ yy"] {
            assert!(shows_time(time), "{time}");
        }
        for number in ["0.00", "#,##0 \"days\"", "[Red]0", "@", "\\d0", "0_d"] {
            assert!(!shows_time(number), "{number}");
        }
    }
}
