//! The transfer encodings of MIME (RFC 2045, section 6), and HTML as text. Whatever is damaged is kept as it is.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use regex::Regex;
use std::sync::LazyLock;

const TOLERANT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Text of bytes in an unknown character set: UTF-8, or else one character for each byte. The words of servers are ASCII.
pub(super) fn text_of(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

pub(super) fn decoded(text: &str, encoding: &str, content_type: &str) -> String {
    let encoding = encoding.to_lowercase();
    let text = if encoding.contains("base64") {
        let signs: String = text
            .chars()
            .filter(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '+' | '/'))
            .collect();
        match TOLERANT.decode(signs) {
            Ok(bytes) => text_of(&bytes),
            Err(_) => text.to_owned(),
        }
    } else if encoding.contains("quoted-printable") {
        quoted_printable(text)
    } else {
        text.to_owned()
    };
    let text = text.replace("\r\n", "\n");
    if content_type.contains("html") {
        without_tags(&text)
    } else {
        text
    }
}

fn quoted_printable(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'=' {
            bytes.push(*first);
        } else if let Some(after) = rest.strip_prefix(b"\n") {
            rest = after;
        } else if let Some(byte) = rest.get(..2).and_then(hex) {
            bytes.push(byte);
            rest = &rest[2..];
        } else {
            bytes.push(b'=');
        }
    }
    text_of(&bytes)
}

fn hex(digits: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(digits).ok()?;
    u8::from_str_radix(digits, 16).ok()
}

static HIDDEN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?is)<script.*?</script>|<style.*?</style>|<head.*?</head>").ok());
static BREAK: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)<(?:br|p|div|tr|li)[^>]*>").ok());
static TAG: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"<[^>]*>").ok());

/// An address in angle brackets is no tag.
fn without_tags(html: &str) -> String {
    let (Some(hidden), Some(line_break), Some(tag)) = (&*HIDDEN, &*BREAK, &*TAG) else {
        return html.to_owned();
    };
    let text = hidden.replace_all(html, " ");
    let text = line_break.replace_all(&text, "\n");
    let text = tag.replace_all(&text, |found: &regex::Captures<'_>| {
        let first = found[0].split_whitespace().next().unwrap_or_default();
        if first.contains('@') {
            found[0].to_owned()
        } else {
            " ".to_owned()
        }
    });
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_undone_and_damage_is_survived() {
        assert_eq!(decoded("a=3Db=\nc=ZZ=", "Quoted-Printable", ""), "a=bc=ZZ=");
        assert_eq!(decoded("aGVs\nbG8", "BASE64", ""), "hello");
        assert_eq!(decoded("a", "base64", ""), "a");
        assert_eq!(
            decoded(
                "<head>x</head><p>To <b>you</b> <a@b.example> &lt;ok&gt;",
                "",
                "text/html"
            )
            .trim(),
            "To  you  <a@b.example> <ok>"
        );
        assert_eq!(text_of(b"\xe4h"), "äh");
    }
}
