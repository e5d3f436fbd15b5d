//! From the bytes of a file to text.

/// UTF-8 (with or without BOM) or UTF-16 with BOM; anything else is read as Windows-1252, which is what spreadsheet
/// programs save when asked for plain CSV.
pub fn decode(bytes: &[u8]) -> String {
    let (text, _, malformed) = encoding_rs::UTF_8.decode(bytes);
    if !malformed {
        return text.into_owned();
    }
    encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned()
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn spreadsheets_are_understood() {
        assert_eq!(decode("\u{feff}name\nJörg".as_bytes()), "name\nJörg");
        assert_eq!(decode(b"name\nJ\xf6rg"), "name\nJörg");
        assert_eq!(decode(b"\xff\xfea\0b\0"), "ab");
    }
}
