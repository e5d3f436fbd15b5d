//! Reads a file line by line, from any line on, and remembers where each came from.

use super::plan::ImportPlan;

/// One record of the file.
#[derive(Debug, Clone)]
pub struct Line {
    /// In the file, from 1 (the header).
    pub number: i64,
    pub fields: Result<csv::StringRecord, String>,
    /// As it is in the file, without its line break.
    pub raw: String,
}

/// The records of a text, in pieces.
pub struct LineReader<'a> {
    text: &'a str,
    delimiter: u8,
    offset: usize,
    line: i64,
}

impl<'a> LineReader<'a> {
    /// Starts at byte `offset` (where an earlier reader stopped), or after the header when that is later.
    pub fn new(text: &'a str, plan: &ImportPlan, offset: usize) -> Self {
        let mut offset = offset.max(plan.data_start).min(text.len());
        while !text.is_char_boundary(offset) {
            offset += 1;
        }
        let before = text[..offset].matches('\n').count();
        Self {
            text,
            delimiter: plan.delimiter,
            offset,
            line: 1 + i64::try_from(before).unwrap_or(i64::MAX - 1),
        }
    }

    /// Bytes read so far.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Up to `most` records; empty at the end of the file.
    pub fn read(&mut self, most: usize) -> Vec<Line> {
        let text = &self.text[self.offset..];
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.delimiter)
            .from_reader(text.as_bytes());
        let mut lines = Vec::new();
        let mut record = csv::StringRecord::new();
        let mut start = 0;
        while lines.len() < most {
            let fields = match reader.read_record(&mut record) {
                Ok(false) => {
                    start = text.len();
                    break;
                }
                Ok(true) => Ok(std::mem::take(&mut record)),
                Err(error) => Err(error.to_string()),
            };
            let end = usize::try_from(reader.position().byte())
                .unwrap_or(text.len())
                .min(text.len());
            let piece = text.get(start..end).unwrap_or_default();
            // Blank lines before a record belong to nobody.
            let body = piece.trim_start_matches(['\r', '\n']);
            let skipped = piece[..piece.len() - body.len()].matches('\n').count();
            lines.push(Line {
                number: self.line + i64::try_from(skipped).unwrap_or_default(),
                fields,
                raw: body.trim_end_matches(['\r', '\n']).to_owned(),
            });
            self.line += i64::try_from(piece.matches('\n').count()).unwrap_or_default();
            start = end;
        }
        self.offset += start;
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn lines_keep_their_numbers_across_pieces_quotes_and_blanks() {
        let text = "email,name\na@b.de,A\n\nb@b.de,\"two\nlines\"\r\nc@b.de,C";
        let plan = ImportPlan::new(text, &BTreeMap::new()).unwrap();
        for piece in 1..4 {
            let mut reader = LineReader::new(text, &plan, 0);
            let mut seen = Vec::new();
            loop {
                // A new reader for every piece, as after a crash.
                let lines = reader.read(piece);
                if lines.is_empty() {
                    break;
                }
                seen.extend(lines.into_iter().map(|line| (line.number, line.raw)));
                reader = LineReader::new(text, &plan, reader.offset());
            }
            assert_eq!(
                seen,
                [
                    (2, "a@b.de,A".into()),
                    (4, "b@b.de,\"two\nlines\"".into()),
                    (6, "c@b.de,C".into())
                ],
                "pieces of {piece}"
            );
        }
    }
}
