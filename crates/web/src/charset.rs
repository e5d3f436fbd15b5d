//! From bytes to text (WHATWG Encoding; HTML, section 13.2.3.2): a byte order mark, the server, the page itself, and then a guess.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use std::borrow::Cow;

/// How far into a page its own word is looked for.
const PRESCAN: usize = 2048;

pub(super) fn decode<'a>(body: &'a [u8], content_type: Option<&str>) -> Cow<'a, str> {
    // A byte order mark wins over whatever is passed here.
    let encoding = content_type
        .and_then(named)
        .or_else(|| named(&String::from_utf8_lossy(&body[..body.len().min(PRESCAN)])).map(readable))
        .unwrap_or_else(|| guess(body));
    encoding.decode(body).0
}

/// After `charset=`.
fn named(text: &str) -> Option<&'static Encoding> {
    let at = text.to_ascii_lowercase().find("charset=")? + "charset=".len();
    let rest = text.get(at..)?.trim_start_matches(['"', '\'', ' ']);
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | ':'));
    Encoding::for_label(&rest.as_bytes()[..end.unwrap_or(rest.len())])
}

/// A page whose word could be read as ASCII is not in UTF-16, whatever it says.
fn readable(encoding: &'static Encoding) -> &'static Encoding {
    if encoding.is_ascii_compatible() {
        encoding
    } else {
        UTF_8
    }
}

fn guess(body: &[u8]) -> &'static Encoding {
    match std::str::from_utf8(body) {
        Ok(_) => UTF_8,
        // Cut in the middle of a character.
        Err(error) if error.error_len().is_none() => UTF_8,
        Err(_) => WINDOWS_1252,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_in_the_encoding_that_it_is_in() {
        for (body, content_type, text) in [
            (&b"Gr\xfc\xdfe"[..], None, "Grüße"),
            ("Grüße".as_bytes(), None, "Grüße"),
            (b"Gr\xfc\xdfe", Some("text/html; charset=\"ISO-8859-1\""), "Grüße"),
            (
                b"\xef\xbb\xbfGr\xc3\xbc\xc3\x9fe",
                Some("text/html; charset=latin1"),
                "Grüße",
            ),
            (
                b"<meta charset=koi8-r>\xd0\xd2\xc9\xd7\xc5\xd4",
                None,
                "<meta charset=koi8-r>привет",
            ),
            (b"<meta charset=utf-16>ok", None, "<meta charset=utf-16>ok"),
            (b"\xff\xfeh\0i\0", None, "hi"),
            (b"x charset=nonsense", None, "x charset=nonsense"),
            (b"", None, ""),
        ] {
            assert_eq!(decode(body, content_type), text, "{content_type:?}");
        }
    }
}
