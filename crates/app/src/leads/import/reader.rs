//! Reads a file record by record as its pieces come, from any record on, and remembers where each came from.
//!
//! A quotation mark that is not closed would swallow the lines up to the next one, or all that follow. A record of several lines
//! is therefore believed only if it is quoted strictly (RFC 4180): after a closing mark comes the next cell or the end. Any other,
//! and one that grows too long, is taken for one bad line, and reading goes on with the next.

use super::intake::LONGEST_LINE;
use groundswell_domain::leads::Place;

const UNCLOSED: &str = "has a quotation mark that is not closed";

/// One record of the file.
#[derive(Debug, Clone)]
pub struct Line {
    /// In the file, from 1; of a spreadsheet, the row.
    pub number: i64,
    pub fields: Result<Vec<String>, String>,
    /// As it is in the file, without its line break.
    pub raw: String,
}

impl Line {
    fn is_blank(&self) -> bool {
        let blank = |fields: &Vec<String>| fields.iter().all(|field| field.trim().is_empty());
        self.fields.as_ref().is_ok_and(blank)
    }
}

pub struct LineReader {
    core: csv_core::Reader,
    delimiter: u8,
    /// Rows are counted instead of lines: a cell of a spreadsheet may have several lines.
    by_row: bool,
    buffer: Vec<u8>,
    /// Of the buffer, so much is read.
    at: usize,
    place: Place,
    ended: bool,
    cells: Vec<u8>,
    ends: Vec<usize>,
}

impl LineReader {
    /// Starts at `place`, where an earlier reader stopped.
    pub fn new(delimiter: u8, by_row: bool, place: Place) -> Self {
        Self {
            core: csv_core::ReaderBuilder::new().delimiter(delimiter).build(),
            delimiter,
            by_row,
            buffer: Vec::new(),
            at: 0,
            place,
            ended: false,
            cells: vec![0; 1024],
            ends: vec![0; 32],
        }
    }

    /// Where the next record starts.
    pub fn place(&self) -> Place {
        self.place
    }

    /// The bytes that follow those which came before.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.at);
        self.at = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// Nothing follows.
    pub fn end(&mut self) {
        self.ended = true;
    }

    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Up to `most` records that are there as a whole. Blank lines are none.
    pub fn read(&mut self, most: usize) -> Vec<Line> {
        let mut lines = Vec::new();
        while lines.len() < most {
            let Some(line) = self.next() else { break };
            if !line.is_blank() {
                lines.push(line);
            }
        }
        lines
    }

    fn next(&mut self) -> Option<Line> {
        let scan = self.scan();
        let rest = &self.buffer[self.at..];
        let (length, cells) = match scan {
            Scan::Record(length, cells) => {
                let record = &rest[..length];
                let is_one_line = !record.trim_ascii().contains(&b'\n');
                if is_one_line || is_strict(record, self.delimiter) {
                    (length, cells)
                } else {
                    self.bad_line()?
                }
            }
            Scan::Incomplete if rest.len() > LONGEST_LINE => self.bad_line()?,
            Scan::Incomplete => return None,
        };
        Some(self.take(length, cells))
    }

    /// The first line that is there, as a bad one.
    fn bad_line(&self) -> Option<(usize, Result<Vec<String>, String>)> {
        let rest = &self.buffer[self.at..];
        let blank = rest
            .iter()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'))
            .count();
        let end = rest[blank..].iter().position(|byte| *byte == b'\n');
        match end {
            Some(end) => Some((blank + end + 1, Err(UNCLOSED.to_owned()))),
            None => self.ended.then(|| (rest.len(), Err(UNCLOSED.to_owned()))),
        }
    }

    fn scan(&mut self) -> Scan {
        use csv_core::ReadRecordResult as Read;
        self.core.reset();
        let rest = &self.buffer[self.at..];
        let (mut read, mut written, mut fields) = (0, 0, 0);
        loop {
            let (result, more_read, more_written, more_fields) = self.core.read_record(
                &rest[read..],
                &mut self.cells[written..],
                &mut self.ends[fields..],
            );
            read += more_read;
            written += more_written;
            fields += more_fields;
            match result {
                Read::InputEmpty if !self.ended => return Scan::Incomplete,
                // The next call is told that nothing follows.
                Read::InputEmpty => {}
                Read::OutputFull => self.cells.resize(self.cells.len() * 2, 0),
                Read::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                Read::End => return Scan::Incomplete,
                Read::Record => break,
            }
        }
        let mut start = 0;
        let cell = |end: &usize| {
            let bytes = &self.cells[start..*end];
            start = *end;
            String::from_utf8_lossy(bytes).into_owned()
        };
        Scan::Record(read, Ok(self.ends[..fields].iter().map(cell).collect()))
    }

    fn take(&mut self, length: usize, fields: Result<Vec<String>, String>) -> Line {
        let piece = String::from_utf8_lossy(&self.buffer[self.at..self.at + length]);
        // Blank lines before a record belong to nobody.
        let body = piece.trim_start_matches(['\r', '\n']);
        let breaks = |text: &str| i64::try_from(count(text.as_bytes(), b'\n')).unwrap_or_default();
        let number = self.place.line + breaks(&piece[..piece.len() - body.len()]);
        let raw = body.trim_end_matches(['\r', '\n']).to_owned();
        self.place.line = if self.by_row {
            number + 1
        } else {
            self.place.line + breaks(&piece)
        };
        self.place.offset += i64::try_from(length).unwrap_or_default();
        self.at += length;
        Line { number, fields, raw }
    }
}

enum Scan {
    /// How many bytes it takes, and its cells.
    Record(usize, Result<Vec<String>, String>),
    Incomplete,
}

/// Where in a cell a sign is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Start,
    Plain,
    Quoted,
    /// Behind a mark that closes the cell, or is the first of two.
    Closed,
}

/// Whether every cell of the record that begins with a quotation mark ends with one.
fn is_strict(record: &[u8], delimiter: u8) -> bool {
    let is_break = |byte: u8| matches!(byte, b'\r' | b'\n');
    let mut at = At::Start;
    for byte in record.iter().copied().skip_while(|byte| is_break(*byte)) {
        at = match at {
            At::Start | At::Closed if byte == b'"' => At::Quoted,
            At::Quoted if byte == b'"' => At::Closed,
            At::Quoted => At::Quoted,
            _ if byte == delimiter => At::Start,
            _ if is_break(byte) => return true,
            At::Closed => return false,
            // A mark in the middle of a cell is a sign like any other.
            At::Start | At::Plain => At::Plain,
        };
    }
    at != At::Quoted
}

fn count(bytes: &[u8], wanted: u8) -> usize {
    bytes.split(|byte| *byte == wanted).count() - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Place = Place { offset: 0, line: 1 };

    fn all(text: &str, piece: usize, by_row: bool) -> Vec<(i64, String, bool)> {
        let mut reader = LineReader::new(b',', by_row, START);
        let mut seen = Vec::new();
        let mut pieces = text.as_bytes().chunks(piece);
        loop {
            let lines = reader.read(2);
            if lines.is_empty() {
                if reader.has_ended() {
                    return seen;
                }
                match pieces.next() {
                    Some(piece) => reader.push(piece),
                    None => reader.end(),
                }
            }
            seen.extend(
                lines
                    .into_iter()
                    .map(|line| (line.number, line.raw, line.fields.is_ok())),
            );
        }
    }

    fn good(number: i64, raw: &str) -> (i64, String, bool) {
        (number, raw.into(), true)
    }

    #[test]
    fn lines_keep_their_numbers_across_pieces_quotes_and_blanks() {
        let text = "email,name\na@b.de,A\n\n,\nb@b.de,\"two\nlines\"\r\nc@b.de,\u{e9}";
        for piece in [1, 2, 5, 1000] {
            let lines = [
                good(1, "email,name"),
                good(2, "a@b.de,A"),
                good(5, "b@b.de,\"two\nlines\""),
                good(7, "c@b.de,\u{e9}"),
            ];
            assert_eq!(all(text, piece, false), lines, "pieces of {piece}");
        }
        let rows = all(&text.replace('\r', ""), 3, true);
        assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), [1, 2, 5, 6]);
    }

    #[test]
    fn a_reader_goes_on_where_another_stopped() {
        let text = "a\nb\n\n\"c\nc\"\nd\n";
        let mut place = START;
        let mut numbers = Vec::new();
        loop {
            let mut reader = LineReader::new(b',', false, place);
            reader.push(&text.as_bytes()[usize::try_from(place.offset).unwrap()..]);
            reader.end();
            let lines = reader.read(1);
            let Some(line) = lines.first() else { break };
            numbers.push(line.number);
            place = reader.place();
        }
        assert_eq!(numbers, [1, 2, 4, 6]);
    }

    #[test]
    fn two_open_quotation_marks_cost_two_lines() {
        let text = "a@x,A,\"5 inch\nb@x,B,ok\nc@x,C,\"6 inch\nd@x,D,ok\n";
        let closed = text.replace("6 inch", "6\"");
        for (text, third) in [(text, false), (closed.as_str(), true), (text.trim_end(), false)] {
            for piece in [1, 1000] {
                let lines = all(text, piece, false);
                let seen: Vec<_> = lines.iter().map(|line| (line.0, line.2)).collect();
                assert_eq!(seen, [(1, false), (2, true), (3, third), (4, true)], "{text}");
            }
        }
    }

    #[test]
    fn cells_of_several_lines_are_told_from_open_marks() {
        for (record, strict) in [
            ("a,\"b\nc\"\n", true),
            ("\n\"b\nc\",d\r\n", true),
            ("\"b\n\"\"c\"\"\",\"\",\"\n\"", true),
            ("5\" wide,\"b\nc\"", true),
            ("a,\"b\n,c\",", true),
            ("a,\"b\nc\"d\n", false),
            ("a,\"b\nc\" ,d\n", false),
            ("a,\"b\nc", false),
            ("a,\"b\nc\",\"", false),
            ("a,\"b\nc\"\"", false),
        ] {
            assert_eq!(is_strict(record.as_bytes(), b','), strict, "{record:?}");
        }
    }

    #[test]
    fn an_open_quotation_mark_costs_one_line() {
        let text = "a,b\n\"open,b\nc,d\ne,f\n";
        for piece in [1, 1000] {
            let lines = [
                good(1, "a,b"),
                (2, "\"open,b".into(), false),
                good(3, "c,d"),
                good(4, "e,f"),
            ];
            assert_eq!(all(text, piece, false), lines);
        }
        let long = format!("\"open,b\n{}", "c,d\n".repeat(600_000));
        let lines = all(&long, 1 << 20, false);
        assert_eq!((lines.len(), lines[0].2, lines[1].2), (600_001, false, true));
    }
}
