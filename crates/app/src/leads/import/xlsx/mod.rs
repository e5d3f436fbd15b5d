//! Reads the rows of a sheet of an .xlsx file (ECMA-376, part 1), one after the other.
//!
//! An .xlsx file is a ZIP archive of XML files, so a small one may claim to be endless. Every part is therefore read through
//! [`limited::Limited`], which counts what really comes out, and [`limited::ByThing`], which counts what one tag or text is of
//! it; nothing but the shared strings is kept in memory. Why not a crate: those at hand load whole sheets, or take the sizes that the archive itself tells for true.

mod cells;
mod limited;
mod parts;
mod rows;
mod strings;
#[cfg(test)]
mod tests;
mod xml;

use limited::{ALWAYS, Limited, NEVER};
pub(super) use rows::Rows;
use std::io::{BufReader, Cursor};
use strings::Strings;
use zip::ZipArchive;

/// Most rows and columns that a spreadsheet program makes.
const MOST_ROWS: u32 = 1_048_576;
const MOST_COLUMNS: usize = 16_384;
/// Most files in the archive.
const MOST_PARTS: usize = 2_000;
/// How the entry of a file begins in the archive's directory (APPNOTE.TXT, section 4.3.12). The bytes of a packed picture may
/// look like that now and then.
const ENTRY: &[u8] = b"PK\x01\x02";
const MOST_ENTRIES: usize = 10 * MOST_PARTS;

type Archive = ZipArchive<Cursor<Vec<u8>>>;
type Xml<'a> = xml::Xml<BufReader<Limited<zip::read::ZipFile<'a, Cursor<Vec<u8>>>>>>;

pub(super) struct Workbook {
    archive: Archive,
    strings: Strings,
    /// By the number of a cell's style: whether it shows a time.
    times: Vec<bool>,
    /// Days are counted from 1904 instead of 1900.
    from_1904: bool,
    /// The chosen sheet.
    pub sheet: String,
    path: String,
}

impl Workbook {
    /// Opens a sheet by its name, the first visible one without a name. Errors are sentences about the file.
    pub fn open(bytes: Vec<u8>, sheet: Option<&str>) -> Result<Self, String> {
        // The directory is unpacked as a whole, whatever it says of itself.
        if entries(&bytes) > MOST_ENTRIES {
            return Err("is no spreadsheet: it holds too many files".into());
        }
        let mut archive = ZipArchive::new(Cursor::new(bytes))
            .map_err(|error| format!("is no spreadsheet, but a broken ZIP archive ({error})"))?;
        check(&archive)?;
        let book = parts::workbook(part(&mut archive, "xl/workbook.xml", ALWAYS)?)?;
        let found = parts::choose(&book.sheets, sheet)?;
        let targets = parts::targets(part(&mut archive, "xl/_rels/workbook.xml.rels", ALWAYS)?)?;
        let path = targets
            .get(&found.relation)
            .ok_or_else(|| format!("is a broken spreadsheet: its sheet `{}` is nowhere", found.name))?
            .clone();
        let times = match optional(&mut archive, "xl/styles.xml", NEVER)? {
            Some(styles) => parts::times(styles)?,
            None => Vec::new(),
        };
        let strings = match optional(&mut archive, "xl/sharedStrings.xml", NEVER)? {
            Some(strings) => Strings::read(strings)?,
            None => Strings::default(),
        };
        Ok(Self {
            archive,
            strings,
            times,
            from_1904: book.from_1904,
            sheet: found.name.clone(),
            path,
        })
    }

    pub fn rows(&mut self) -> Result<Rows<'_>, String> {
        let path = self.path.clone();
        let sheet = part(&mut self.archive, &path, NEVER)?;
        Ok(Rows::new(sheet, &self.strings, &self.times, self.from_1904))
    }
}

fn entries(bytes: &[u8]) -> usize {
    let found = bytes.windows(ENTRY.len()).filter(|window| *window == ENTRY);
    found.take(MOST_ENTRIES + 1).count()
}

fn check(archive: &Archive) -> Result<(), String> {
    if archive.len() > MOST_PARTS {
        return Err(format!("is no spreadsheet: it holds {} files", archive.len()));
    }
    let has = |name: &str| archive.index_for_name(name).is_some();
    if has("xl/vbaProject.bin") || has("xl/macrosheets") {
        return Err("contains macros: save it as a workbook without them (.xlsx)".into());
    }
    if has("xl/workbook.bin") {
        return Err("is a binary workbook (.xlsb): save it as .xlsx or CSV".into());
    }
    if has("content.xml") && has("mimetype") {
        return Err("is an OpenDocument file: save it as .xlsx or CSV".into());
    }
    if !has("xl/workbook.xml") {
        return Err("is a ZIP archive, but no spreadsheet (.xlsx)".into());
    }
    Ok(())
}

/// `most` bytes of it are read: what is in the small parts is kept in memory.
fn part<'a>(archive: &'a mut Archive, name: &str, most: u64) -> Result<Xml<'a>, String> {
    optional(archive, name, most)?.ok_or_else(|| format!("is a broken spreadsheet: it has no {name}"))
}

fn optional<'a>(archive: &'a mut Archive, name: &str, most: u64) -> Result<Option<Xml<'a>>, String> {
    let Some(index) = archive.index_for_name(name) else {
        return Ok(None);
    };
    let file = archive
        .by_index(index)
        .map_err(|error| format!("is a spreadsheet that can't be opened, perhaps encrypted ({error})"))?;
    let packed = file.compressed_size();
    Ok(Some(xml::Xml::new(BufReader::with_capacity(
        64 * 1024,
        Limited::new(file, packed, most),
    ))))
}
