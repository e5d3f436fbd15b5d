//! Leaving out of a text what names people, or opens doors.

use regex::Regex;
use std::sync::LazyLock;

/// What is looked for, in this order, and what is written instead.
static PATTERNS: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let patterns = [
        // Keys of the vendors, of ours, and tokens in headers.
        (r"\b(?:sk|pk|rk|gsk|xai|key)[-_][A-Za-z0-9_\-]{12,}", "[key]"),
        (r"\bAIza[A-Za-z0-9_\-]{20,}", "[key]"),
        (r"(?i)\bbearer\s+[A-Za-z0-9._~+/\-]{12,}=*", "[key]"),
        (
            r"\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*",
            "[key]",
        ),
        (
            r"[\p{L}\p{N}._%+\-]+@[\p{L}\p{N}\-]+(?:\.[\p{L}\p{N}\-]+)+",
            "[email]",
        ),
        // ISO 13616: two letters, two digits, then groups.
        (
            r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b",
            "[iban]",
        ),
        (r"\b(?:\d{1,3}\.){3}\d{1,3}\b", "[ip]"),
        (r"\b\d(?:[ \-]?\d){12,18}\b", "[card]"),
        (PHONE, "[phone]"),
    ];
    patterns
        .into_iter()
        .filter_map(|(pattern, instead)| Some((Regex::new(pattern).ok()?, instead)))
        .collect()
});

/// Digits in groups, as people write a number to dial; [`DIALLED`] of them make it one.
const PHONE: &str = r"(?:\+|\b|\()\d{1,5}\)?(?:[ ./\-]?\(?\d{1,5}\)?){2,8}\b";
/// Fewer digits are a figure of the text.
const DIALLED: usize = 7;

/// The text without mail addresses, numbers to dial, of accounts and of cards, addresses of machines, and keys. It finds what looks
/// like one; names and postal addresses stay. So redacted texts are still no texts for everybody.
pub fn redact(text: &str) -> String {
    PATTERNS.iter().fold(text.to_owned(), |text, (pattern, instead)| {
        let replaced = pattern.replace_all(&text, |found: &regex::Captures<'_>| {
            let digits = found[0].bytes().filter(u8::is_ascii_digit).count();
            if pattern.as_str() == PHONE && digits < DIALLED {
                found[0].to_owned()
            } else {
                (*instead).to_owned()
            }
        });
        replaced.into_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_one() {
        assert_eq!(PATTERNS.len(), 9);
    }

    #[test]
    fn people_and_keys_are_left_out() {
        for (text, redacted) in [
            (
                "Write to ada.lovelace+x@mail.example.org, please",
                "Write to [email], please",
            ),
            ("an jürgen@müller.de", "an [email]"),
            ("Call +49 (0)30 1234567 now", "Call [phone] now"),
            ("030/123456-78", "[phone]"),
            ("(555) 010-9999", "[phone]"),
            ("DE89 3704 0044 0532 0130 00", "[iban]"),
            ("4111 1111 1111 1111", "[card]"),
            ("key sk-proj-abcdefghijklmnop1234", "key [key]"),
            (
                "Authorization: Bearer abcdefghijklmnopqrstuvwxyz",
                "Authorization: [key]",
            ),
            ("from 192.168.10.20", "from [ip]"),
        ] {
            assert_eq!(redact(text), redacted, "{text}");
        }
    }

    #[test]
    fn figures_of_a_text_stay() {
        for text in [
            "We grew 25 % in 2026",
            "Version 2.5, 12 items",
            "at most 128000 tokens",
            "1,250 EUR",
            "at 10:30",
        ] {
            assert_eq!(redact(text), text);
        }
    }
}
