//! Which encoding the bytes of a text file are in.
//!
//! UTF-8 and UTF-16 say so themselves, by a mark or by what they look like; anything else is read as Windows-1252, which is
//! what spreadsheet programs save when asked for plain CSV.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// So many bytes are looked at.
const LOOK: usize = 4096;

/// By a mark at the start (with its length), or by every other byte being zero. `None` for what is ASCII so far, or of
/// some encoding that begins like it.
pub(super) fn recognize(bytes: &[u8]) -> Option<(&'static Encoding, usize)> {
    if let Some(marked) = Encoding::for_bom(bytes) {
        return Some(marked);
    }
    let pairs = bytes[..bytes.len().min(LOOK)].chunks_exact(2);
    let all = pairs.len();
    let (mut first, mut second) = (0, 0);
    for pair in pairs {
        first += usize::from(pair[0] == 0);
        second += usize::from(pair[1] == 0);
    }
    // Of text in Latin letters nearly every second byte is zero; of binary data both, or none.
    let many = |count: usize| count * 5 > all * 2;
    let few = |count: usize| count * 20 <= all;
    if all > 1 && many(second) && few(first) {
        Some((UTF_16LE, 0))
    } else if all > 1 && many(first) && few(second) {
        Some((UTF_16BE, 0))
    } else {
        None
    }
}

/// Whether bytes that are no UTF-16 are no text either: more than one in twenty is a control character.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    let bytes = &bytes[..bytes.len().min(LOOK)];
    let controls = bytes
        .iter()
        .filter(|byte| matches!(byte, 0..=8 | 14..=26 | 28..=31));
    controls.count() * 20 > bytes.len()
}

/// UTF-8, if these bytes may be that (a character may be cut off at the end), else Windows-1252.
pub(super) fn decide(bytes: &[u8]) -> &'static Encoding {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_some() => WINDOWS_1252,
        _ => UTF_8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn utf_16_is_recognized_with_and_without_a_mark() {
        let text = "email,name\nö@x.example,Jörg Müller\n";
        let named = |bytes: &[u8]| recognize(bytes).map(|(encoding, mark)| (encoding.name(), mark));
        assert_eq!(named(&utf16(text, u16::to_le_bytes)), Some(("UTF-16LE", 0)));
        assert_eq!(named(&utf16(text, u16::to_be_bytes)), Some(("UTF-16BE", 0)));
        let marked = format!("\u{feff}{text}");
        assert_eq!(named(&utf16(&marked, u16::to_be_bytes)), Some(("UTF-16BE", 2)));
        assert_eq!(named(marked.as_bytes()), Some(("UTF-8", 3)));
        assert_eq!(named(text.as_bytes()), None);
        assert_eq!(named(b""), None);
    }

    #[test]
    fn a_zero_in_a_text_is_no_binary_file() {
        assert!(is_binary(b"\x00\x01\x02"));
        assert!(!is_binary(b"email,name\na@b.example,zero\0here\n"));
    }

    #[test]
    fn what_is_no_utf_8_is_windows() {
        assert_eq!(decide("Jörg".as_bytes()).name(), "UTF-8");
        assert_eq!(decide(&"Jörg".as_bytes()[..2]).name(), "UTF-8");
        assert_eq!(decide(b"J\xf6rg").name(), "windows-1252");
    }
}
