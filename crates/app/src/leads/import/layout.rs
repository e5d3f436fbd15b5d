//! How the cells of a text are laid out: what stands between them, and whether the first line names the columns.

use super::columns::is_address;
use super::reader::{Line, LineReader};
use groundswell_domain::leads::Place;

/// Records that are looked at.
const LOOK: usize = 20;

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The first records of a text, of which `head` is the start.
pub(super) fn sample(head: &str, is_whole: bool, delimiter: u8) -> (Vec<Line>, Place) {
    let mut reader = LineReader::new(delimiter, false, Place { offset: 0, line: 1 });
    reader.push(head.as_bytes());
    if is_whole {
        reader.end();
    }
    let mut lines = reader.read(1);
    let after_first = reader.place();
    lines.extend(reader.read(LOOK));
    (lines, after_first)
}

/// The one that splits most records into the same number of cells as the first, and into many.
pub(super) fn delimiter_of(head: &str, is_whole: bool) -> u8 {
    let score = |delimiter: u8| {
        let (lines, _) = sample(head, is_whole, delimiter);
        let mut widths = lines
            .iter()
            .filter_map(|line| line.fields.as_ref().ok())
            .map(Vec::len);
        let Some(first) = widths.next().filter(|first| *first > 1) else {
            return 0;
        };
        let (mut all, mut same) = (1, 1);
        for width in widths {
            all += 1;
            same += usize::from(width == first);
        }
        // Squared: a file with many cells in some lines only is likely to be split at the wrong character.
        first.min(50) * same * same * 100 / (all * all)
    };
    // The last one of equal ones wins, so the comma is the last.
    let best = DELIMITERS
        .into_iter()
        .rev()
        .max_by_key(|delimiter| score(*delimiter));
    best.unwrap_or(b',')
}

/// The first line names the columns unless there is a mail address in it.
pub(super) fn has_header(first: &[String]) -> bool {
    !first.iter().any(|cell| is_address(cell))
}

/// What a caller calls a delimiter.
pub(super) fn delimiter_named(text: &str) -> Result<u8, String> {
    match text {
        "," | "comma" => Ok(b','),
        ";" | "semicolon" => Ok(b';'),
        "\t" | "\\t" | "tab" => Ok(b'\t'),
        "|" | "pipe" => Ok(b'|'),
        _ => Err("must be a comma, a semicolon, a tab or a pipe: `,`, `;`, `tab` or `|`".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_what_splits_all_lines_alike() {
        for (text, delimiter) in [
            ("email,name\na@b.de,A\n", b','),
            ("E-Mail;Name\na@b.de;\"Öl; Gas, Strom\"\n", b';'),
            ("Preis;Ort;Mail\n1,5;Köln, Rhein;a@b.de\n2,5;Bonn;b@b.de\n", b';'),
            ("mail\tname\tlabels\na@b.de\tA\ta|b,c", b'\t'),
            ("mail|name\na@b.de|A, B\n", b'|'),
            ("email\na@b.de\n", b','),
            ("", b','),
        ] {
            assert_eq!(
                char::from(delimiter_of(text, true)),
                char::from(delimiter),
                "{text}"
            );
        }
    }

    #[test]
    fn a_line_with_an_address_is_no_header() {
        let line = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        assert!(has_header(&line(&["email", "name"])));
        assert!(!has_header(&line(&["Ada", "ada@x.example"])));
    }
}
