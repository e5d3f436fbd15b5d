//! From the bytes of a file, as they come, to the text that is kept: UTF-8 with line feeds, and no line too long.
//!
//! A text that begins with ASCII is passed on as that until a byte says more: then a piece is looked at to tell UTF-8 from
//! Windows-1252. So nothing has to be read twice, and a file never is in memory as a whole.

use super::encoding;
use encoding_rs::{Decoder, Encoding};
use groundswell_domain::Error;

/// Bytes that are looked at to find out what they are.
const LOOK: usize = 64 * 1024;
/// Longest line, in bytes of UTF-8.
pub(super) const LONGEST_LINE: usize = 1024 * 1024;
/// Largest spreadsheet: unlike a text it has to be in memory, for its directory is at its end.
const LARGEST_WORKBOOK: usize = 64 * 1024 * 1024;

enum State {
    /// Nothing is known yet.
    Start(Vec<u8>),
    Ascii,
    /// From the first byte on that is not ASCII.
    Undecided(Vec<u8>),
    Decoding(Box<Decoder>),
    Workbook(Vec<u8>),
}

pub(super) struct Intake {
    state: State,
    encoding: Option<&'static Encoding>,
    out: String,
    after_cr: bool,
    line: i64,
    line_length: usize,
}

/// What is left when all bytes have come.
pub(super) enum Content {
    /// The end of the text, and the encoding that it was in.
    Text(String, &'static Encoding),
    /// A file of a spreadsheet program.
    Workbook(Vec<u8>),
}

/// An encoding by one of its usual names.
pub(super) fn encoding_named(name: &str) -> Result<&'static Encoding, String> {
    Encoding::for_label(name.trim().as_bytes())
        .filter(|encoding| *encoding != encoding_rs::REPLACEMENT)
        .ok_or_else(|| format!("`{name}` is not a known encoding: try utf-8, utf-16le or windows-1252"))
}

fn refused(message: impl Into<String>) -> Error {
    Error::invalid("file", message)
}

impl Intake {
    /// `encoding` is what the caller says; without it, the bytes do.
    pub fn new(encoding: Option<&'static Encoding>) -> Self {
        Self {
            state: State::Start(Vec::new()),
            encoding,
            out: String::new(),
            after_cr: false,
            line: 1,
            line_length: 0,
        }
    }

    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        match &mut self.state {
            State::Start(seen) => {
                seen.extend_from_slice(bytes);
                if seen.len() < LOOK {
                    return Ok(());
                }
                let seen = std::mem::take(seen);
                self.begin(&seen)
            }
            State::Ascii => self.ascii(bytes),
            State::Undecided(seen) => {
                seen.extend_from_slice(bytes);
                if seen.len() < LOOK {
                    return Ok(());
                }
                let seen = std::mem::take(seen);
                self.decide(&seen)
            }
            State::Decoding(_) => self.decode(bytes, false),
            State::Workbook(all) => {
                all.extend_from_slice(bytes);
                if all.len() > LARGEST_WORKBOOK {
                    return Err(refused(format!(
                        "is a spreadsheet of more than {} MiB: save it as CSV, which may be larger",
                        LARGEST_WORKBOOK >> 20
                    )));
                }
                Ok(())
            }
        }
    }

    /// Text that is ready, if it is at least `least` bytes.
    pub fn take(&mut self, least: usize) -> Option<String> {
        (self.out.len() >= least).then(|| std::mem::take(&mut self.out))
    }

    pub fn finish(mut self) -> Result<Content, Error> {
        if let State::Start(seen) = &mut self.state {
            let seen = std::mem::take(seen);
            self.begin(&seen)?;
        }
        if let State::Undecided(seen) = &mut self.state {
            let seen = std::mem::take(seen);
            self.decide(&seen)?;
        }
        self.decode(&[], true)?;
        Ok(match self.state {
            State::Workbook(all) => Content::Workbook(all),
            _ => Content::Text(self.out, self.encoding.unwrap_or(encoding_rs::UTF_8)),
        })
    }

    fn begin(&mut self, seen: &[u8]) -> Result<(), Error> {
        if seen.starts_with(b"PK\x03\x04") {
            self.state = State::Workbook(Vec::new());
            return self.push(seen);
        }
        if seen.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
            return Err(refused(
                "is an old or encrypted spreadsheet: save it without a password as .xlsx or CSV",
            ));
        }
        if let Some(named) = self.encoding {
            self.state = State::Decoding(Box::new(named.new_decoder_with_bom_removal()));
            return self.decode(seen, false);
        }
        if let Some((encoding, mark)) = encoding::recognize(seen) {
            self.encoding = Some(encoding);
            self.state = State::Decoding(Box::new(encoding.new_decoder_without_bom_handling()));
            return self.decode(&seen[mark..], false);
        }
        if encoding::is_binary(seen) {
            return Err(refused(
                "is not a CSV file and no spreadsheet: it holds binary data",
            ));
        }
        self.state = State::Ascii;
        self.ascii(seen)
    }

    fn ascii(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let end = bytes.iter().position(|byte| !byte.is_ascii());
        let (ascii, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
        self.text(&String::from_utf8_lossy(ascii))?;
        if !rest.is_empty() {
            self.state = State::Undecided(Vec::new());
            self.push(rest)?;
        }
        Ok(())
    }

    fn decide(&mut self, seen: &[u8]) -> Result<(), Error> {
        let encoding = encoding::decide(seen);
        self.encoding = Some(encoding);
        self.state = State::Decoding(Box::new(encoding.new_decoder_without_bom_handling()));
        self.decode(seen, false)
    }

    fn decode(&mut self, bytes: &[u8], last: bool) -> Result<(), Error> {
        let State::Decoding(decoder) = &mut self.state else {
            return Ok(());
        };
        let room = decoder.max_utf8_buffer_length(bytes.len());
        let mut text = String::with_capacity(room.unwrap_or(bytes.len()));
        let _ = decoder.decode_to_string(bytes, &mut text, last);
        self.text(&text)
    }

    /// Keeps text with one kind of line break.
    fn text(&mut self, text: &str) -> Result<(), Error> {
        for (index, part) in text.split('\r').enumerate() {
            if index > 0 {
                self.lines("\n")?;
                self.after_cr = true;
            }
            let rest = if self.after_cr {
                part.strip_prefix('\n').unwrap_or(part)
            } else {
                part
            };
            self.after_cr = self.after_cr && part.is_empty();
            self.lines(rest)?;
        }
        Ok(())
    }

    fn lines(&mut self, text: &str) -> Result<(), Error> {
        for (index, part) in text.split('\n').enumerate() {
            if index > 0 {
                self.line += 1;
                self.line_length = 0;
            }
            self.line_length += part.len();
            if self.line_length > LONGEST_LINE {
                return Err(refused(format!(
                    "has a line that is longer than 1 MiB: line {}",
                    self.line
                )));
            }
        }
        self.out.push_str(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], piece: usize) -> (String, &'static str) {
        let mut intake = Intake::new(None);
        for piece in bytes.chunks(piece) {
            intake.push(piece).unwrap();
        }
        match intake.finish().unwrap() {
            Content::Text(text, encoding) => (text, encoding.name()),
            Content::Workbook(_) => panic!("this is a text"),
        }
    }

    #[test]
    fn spreadsheets_are_understood_however_they_come() {
        let text = "name;city\r\nJörg;Köln\rÅsa;\n\n";
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let windows: Vec<u8> = text
            .chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap())
            .collect();
        let whole = "name;city\nJörg;Köln\nÅsa;\n\n";
        for piece in [1, 2, 3, 7, 1000] {
            assert_eq!(read(text.as_bytes(), piece), (whole.into(), "UTF-8"));
            assert_eq!(read(&utf16, piece), (whole.into(), "UTF-16LE"));
            assert_eq!(read(&windows, piece), (whole.into(), "windows-1252"));
        }
        let late = format!("{}J\u{f6}rg", "a,b\n".repeat(40_000));
        assert_eq!(read(late.as_bytes(), 5000), (late.clone(), "UTF-8"));
        let late: Vec<u8> = late
            .chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap())
            .collect();
        assert_eq!(read(&late, 5000).1, "windows-1252");
    }

    #[test]
    fn a_line_without_end_is_refused_before_memory_is_full() {
        let mut intake = Intake::new(None);
        intake.push(b"email\n").unwrap();
        let piece = vec![b'x'; 64 * 1024];
        let pieces = (0..1000).take_while(|_| {
            let fine = intake.push(&piece).is_ok();
            intake.take(1);
            fine
        });
        assert!(pieces.count() < 20);
        let error = intake.push(b"x").unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for (bytes, why) in [
            (&b"\x00\x01\x02"[..], "binary"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on", "old or encrypted"),
        ] {
            let mut intake = Intake::new(None);
            intake.push(bytes).unwrap();
            let Err(error) = intake.finish() else {
                panic!("must be refused")
            };
            assert!(error.to_string().contains(why), "{error}");
        }
        assert!(encoding_named("klingon").is_err());
        assert_eq!(encoding_named("latin1").unwrap().name(), "windows-1252");
    }
}
