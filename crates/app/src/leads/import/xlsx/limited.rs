//! What keeps a small archive from becoming an endless file.

use std::io::{Error, Read};

/// A part may unfold to so many times its packed size; spreadsheets of the same line over and over stay below 150.
const MOST_TIMES: u64 = 250;
/// But always to as much, in bytes.
const ALWAYS: u64 = 8 * 1024 * 1024;
/// Never to more.
const NEVER: u64 = 2 * 1024 * 1024 * 1024;
/// Bytes between two signs of a tag: a cell has at most 32,767 characters.
const LONGEST_TEXT: usize = 1024 * 1024;

/// Counts what comes out of a packed part, and ends with an error when it is too much, or when it has a text or tag so long
/// that a reader of XML would fill the memory with it.
pub(in crate::leads::import) struct Limited<R> {
    inner: R,
    room: u64,
    since_sign: usize,
}

impl<R> Limited<R> {
    /// `packed` is the size in the archive.
    pub fn new(inner: R, packed: u64) -> Self {
        let room = packed.saturating_mul(MOST_TIMES).clamp(ALWAYS, NEVER);
        Self {
            inner,
            room,
            since_sign: 0,
        }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.room = self
            .room
            .checked_sub(count as u64)
            .ok_or_else(|| Error::other("it unfolds to far more than a spreadsheet does"))?;
        let read = &buffer[..count];
        let is_sign = |byte: &u8| matches!(byte, b'<' | b'>');
        match (read.iter().position(is_sign), read.iter().rposition(is_sign)) {
            (Some(first), Some(last)) => {
                self.since_sign += first;
                self.check()?;
                self.since_sign = count - last;
            }
            _ => self.since_sign += count,
        }
        self.check()?;
        Ok(count)
    }
}

impl<R> Limited<R> {
    fn check(&self) -> std::io::Result<()> {
        if self.since_sign > LONGEST_TEXT {
            return Err(Error::other("it has a text of more than 1 MiB"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endless_files_end() {
        let mut all = Vec::new();
        let text = Limited::new(std::io::repeat(b'x'), 1000).read_to_end(&mut all);
        assert!(text.unwrap_err().to_string().contains("1 MiB"));
        let tags = Limited::new(std::io::repeat(b'<'), 1000).read_to_end(&mut all);
        assert!(tags.unwrap_err().to_string().contains("unfolds"));
        let mut fine = Vec::new();
        let read = Limited::new(&b"<a>text</a>"[..], 11).read_to_end(&mut fine);
        assert_eq!(read.unwrap(), 11);
    }
}
