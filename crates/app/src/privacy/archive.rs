//! A ZIP file that is made in pieces: what is finished is taken away, so that it never is in memory as a whole.

use groundswell_domain::Error;
use serde_json::Value;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

/// Bytes in a piece; the last one has fewer.
pub(super) const PIECE: usize = 256 * 1024;

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    fn with<T>(&self, work: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.with(|all| all.extend_from_slice(bytes));
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) struct Archive {
    /// Boxed, for it is large, and held by every job's future.
    zip: Box<ZipWriter<StreamWriter<Shared>>>,
    out: Shared,
    /// Rows of the list that is open.
    rows: usize,
}

impl Archive {
    pub fn new() -> Self {
        let out = Shared::default();
        Self {
            zip: Box::new(ZipWriter::new_stream(out.clone())),
            out,
            rows: 0,
        }
    }

    fn start(&mut self, name: &str) -> Result<(), Error> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        self.zip.start_file(name, options).map_err(Error::internal)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.zip.write_all(bytes).map_err(Error::internal)
    }

    pub fn text(&mut self, name: &str, text: &str) -> Result<(), Error> {
        self.start(name)?;
        self.put(text.as_bytes())
    }

    pub fn json(&mut self, name: &str, value: &Value) -> Result<(), Error> {
        let text = serde_json::to_string_pretty(value).map_err(Error::internal)?;
        self.text(name, &format!("{text}\n"))
    }

    /// A JSON array; [`Self::row`] adds to it, [`Self::end_list`] closes it.
    pub fn start_list(&mut self, name: &str) -> Result<(), Error> {
        self.start(name)?;
        self.rows = 0;
        self.put(b"[")
    }

    pub fn row(&mut self, row: &Value) -> Result<(), Error> {
        self.put(if self.rows == 0 { b"\n" } else { b",\n" })?;
        self.rows += 1;
        let text = serde_json::to_vec(row).map_err(Error::internal)?;
        self.put(&text)
    }

    pub fn end_list(&mut self) -> Result<(), Error> {
        self.put(b"\n]\n")
    }

    /// A whole piece, when there is one.
    pub fn piece(&mut self) -> Option<Vec<u8>> {
        self.out.with(|all| {
            (all.len() >= PIECE).then(|| {
                let rest = all.split_off(PIECE);
                std::mem::replace(all, rest)
            })
        })
    }

    /// The end of the file; it may be longer than a piece.
    pub fn finish(self) -> Result<Vec<u8>, Error> {
        self.zip.finish().map_err(Error::internal)?;
        Ok(self.out.with(std::mem::take))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::io::Read;

    #[test]
    fn pieces_together_are_a_file_that_a_reader_opens() {
        let mut archive = Archive::new();
        archive.text("README.txt", "Hello\n").unwrap();
        archive.start_list("rows.json").unwrap();
        let mut file = Vec::new();
        let mut pieces = 0;
        for number in 0..50_000_u64 {
            // Hardly compressible.
            let noise = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
            archive.row(&json!({ "number": number, "noise": noise })).unwrap();
            while let Some(piece) = archive.piece() {
                assert_eq!(piece.len(), PIECE);
                file.extend(piece);
                pieces += 1;
            }
        }
        archive.end_list().unwrap();
        file.extend(archive.finish().unwrap());
        assert!(pieces > 1, "{pieces}");
        let mut read = zip::ZipArchive::new(io::Cursor::new(file)).unwrap();
        let mut text = String::new();
        read.by_name("rows.json")
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
        assert_eq!((rows.len(), &rows[49_999]["number"]), (50_000, &json!(49_999)));
        assert_eq!(read.len(), 2);
    }
}
