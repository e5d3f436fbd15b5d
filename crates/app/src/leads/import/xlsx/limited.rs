//! What keeps a small archive from becoming an endless file, or one that fills the memory.

use std::io::{BufRead, Error, Read, Result};

/// A part may unfold to so many times its packed size; spreadsheets of the same line over and over stay below 150.
const MOST_TIMES: u64 = 250;
/// But always to as much, in bytes.
pub(super) const ALWAYS: u64 = 8 * 1024 * 1024;
/// Never to more.
pub(super) const NEVER: u64 = 2 * 1024 * 1024 * 1024;
/// Bytes of one tag, text or comment: a cell has at most 32,767 characters.
const LONGEST: usize = 1024 * 1024;

/// Counts what comes out of a packed part, and ends with an error when it is too much.
pub(super) struct Limited<R> {
    inner: R,
    room: u64,
}

impl<R> Limited<R> {
    /// `packed` is the size in the archive; `most` what it may unfold to in any case.
    pub fn new(inner: R, packed: u64, most: u64) -> Self {
        let room = packed.saturating_mul(MOST_TIMES).clamp(ALWAYS, NEVER).min(most);
        Self { inner, room }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let count = self.inner.read(buffer)?;
        self.room = self
            .room
            .checked_sub(count as u64)
            .ok_or_else(|| Error::other("it unfolds to far more than a spreadsheet does"))?;
        Ok(count)
    }
}

/// Counts what a reader of XML takes for one thing: a tag, a text, a comment. It keeps all of that in memory, and only the
/// reader itself knows where the thing ends, for `<` and `>` may be in the middle of it.
pub(super) struct ByThing<R> {
    inner: R,
    taken: usize,
}

impl<R> ByThing<R> {
    pub fn new(inner: R) -> Self {
        Self { inner, taken: 0 }
    }

    /// From here on it is another thing.
    pub fn begin(&mut self) {
        self.taken = 0;
    }
}

impl<R: BufRead> Read for ByThing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for ByThing<R> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        if self.taken > LONGEST {
            return Err(Error::other("it has a text or a tag of more than 1 MiB"));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.taken += count;
        self.inner.consume(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    #[test]
    fn endless_files_end() {
        let mut all = Vec::new();
        let endless = Limited::new(std::io::repeat(b'x'), 1000, NEVER).read_to_end(&mut all);
        assert!(endless.unwrap_err().to_string().contains("unfolds"));
        assert!(all.len() as u64 <= ALWAYS);
        let small = Limited::new(std::io::repeat(b'x'), 1000, 10_000).read_to_end(&mut all);
        assert!(small.is_err());
        let mut fine = Vec::new();
        let read = Limited::new(&b"<a>text</a>"[..], 11, NEVER).read_to_end(&mut fine);
        assert_eq!(read.unwrap(), 11);
    }

    #[test]
    fn one_thing_ends_whatever_is_in_it() {
        let mut endless = ByThing::new(BufReader::new(std::io::repeat(b'<')));
        let mut taken = Vec::new();
        assert!(
            endless
                .read_to_end(&mut taken)
                .unwrap_err()
                .to_string()
                .contains("1 MiB")
        );
        assert!(taken.len() < 2 * LONGEST);
        endless.begin();
        assert!(endless.fill_buf().is_ok());
    }
}
