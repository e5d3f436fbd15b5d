//! A sheet of a spreadsheet as the text of a CSV file, a line for each row: blank ones as well, so that rows keep their
//! numbers.

use super::xlsx::{Rows, Workbook};
use groundswell_domain::Error;

pub(super) struct Unfolded(Workbook);

fn refused(message: String) -> Error {
    Error::invalid("file", message)
}

impl Unfolded {
    /// A sheet by its name, or the first one.
    pub fn open(bytes: Vec<u8>, sheet: Option<&str>) -> Result<Self, Error> {
        let field = if sheet.is_some() { "sheet" } else { "file" };
        let named = |message: String| {
            if message.starts_with("has no sheet") {
                Error::invalid(field, message)
            } else {
                refused(message)
            }
        };
        Workbook::open(bytes, sheet).map(Self).map_err(named)
    }

    pub fn sheet(&self) -> String {
        self.0.sheet.clone()
    }

    pub fn pieces(&mut self) -> Result<Pieces<'_>, Error> {
        Ok(Pieces {
            rows: self.0.rows().map_err(refused)?,
            next: 1,
            done: false,
        })
    }
}

pub(super) struct Pieces<'a> {
    rows: Rows<'a>,
    /// Row of the next line.
    next: u32,
    done: bool,
}

impl Pieces<'_> {
    /// Text of at least `least` bytes, or what is left.
    pub fn next(&mut self, least: usize) -> Result<Option<String>, Error> {
        let mut text = String::new();
        while text.len() < least && !self.done {
            let Some(row) = self.rows.next().map_err(refused)? else {
                self.done = true;
                break;
            };
            for _ in self.next..row.number {
                text.push('\n');
            }
            self.next = row.number + 1;
            for (index, cell) in row.cells.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_cell(&mut text, cell);
            }
            text.push('\n');
        }
        Ok((!text.is_empty()).then_some(text))
    }
}

fn write_cell(text: &mut String, cell: &str) {
    if cell.contains([',', '"', '\n', '\r']) {
        text.push('"');
        text.push_str(&cell.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(cell);
    }
}

#[cfg(test)]
mod tests {
    use super::write_cell;

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        for (cell, written) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("the \"one\"\n", "\"the \"\"one\"\"\n\""),
        ] {
            let mut text = String::new();
            write_cell(&mut text, cell);
            assert_eq!(text, written);
        }
    }
}
