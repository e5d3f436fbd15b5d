//! The form of a mail in which it is signed: `relaxed` (RFC 6376, sections 3.4.2 and 3.4.4), which outlives relays that fold
//! lines or change blanks.

/// A header field, with CRLF and folds or without, as `name:value` without its CRLF.
pub(super) fn header(field: &str) -> String {
    let (name, value) = field.split_once(':').unwrap_or((field, ""));
    let words: Vec<&str> = value
        .split([' ', '\t', '\r', '\n'])
        .filter(|word| !word.is_empty())
        .collect();
    format!("{}:{}", name.trim_end().to_ascii_lowercase(), words.join(" "))
}

/// A body: blanks at the ends of lines and empty lines at the end are gone, runs of blanks are one.
pub(super) fn body(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    // Line ends that are written only when something follows.
    let mut ends = 0;
    let last = bytes.strip_suffix(b"\r\n").unwrap_or(bytes);
    for line in lines(last) {
        let mut blank = false;
        for &byte in line {
            if matches!(byte, b' ' | b'\t') {
                blank = true;
                continue;
            }
            for _ in 0..ends {
                out.extend_from_slice(b"\r\n");
            }
            ends = 0;
            if blank {
                out.push(b' ');
                blank = false;
            }
            out.push(byte);
        }
        ends += 1;
    }
    if !out.is_empty() {
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// The parts between CRLFs.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = text.windows(2).position(|two| two == b"\r\n");
        rest = end.map(|at| &text[at + 2..]);
        Some(end.map_or(text, |at| &text[..at]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6376, section 3.4.5.
    #[test]
    fn the_example_of_the_standard() {
        assert_eq!(header("A: X\r\n"), "a:X");
        assert_eq!(header("B : Y\t\r\n\tZ  \r\n"), "b:Y Z");
        assert_eq!(body(b" C \r\nD \t E\r\n\r\n\r\n"), b" C\r\nD E\r\n");
    }

    #[test]
    fn bodies_end_with_one_line_end_or_are_empty() {
        for (from, to) in [
            (&b""[..], &b""[..]),
            (b"\r\n", b""),
            (b" \t\r\n\r\n", b""),
            (b"a", b"a\r\n"),
            (b"a\r\n", b"a\r\n"),
            (b"\r\n\r\na", b"\r\n\r\na\r\n"),
            (b"a  \r\n \r\n  b\t", b"a\r\n\r\n b\r\n"),
        ] {
            assert_eq!(body(from), to, "{}", String::from_utf8_lossy(from));
        }
    }
}
