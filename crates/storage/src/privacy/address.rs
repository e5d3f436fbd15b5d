//! Whether a text has a mail address in it: the whole of one, not the end of somebody else's.
//!
//! No condition of SQL says that: in the text of a JSON value an address can come after the letter of an escaped line break.
//! So the database finds what has the letters, and this looks again.

use serde_json::Value;

/// `key` is a normalized address.
pub(super) fn mentions(text: &str, key: &str) -> bool {
    let text = text.to_lowercase();
    text.match_indices(key)
        .any(|(at, _)| !is_longer_before(&text[..at]) && !is_longer_after(&text[at + key.len()..]))
}

/// Anywhere in a JSON value.
pub(super) fn json_mentions(value: &Value, key: &str) -> bool {
    match value {
        Value::String(text) => mentions(text, key),
        Value::Array(items) => items.iter().any(|item| json_mentions(item, key)),
        Value::Object(fields) => fields
            .iter()
            .any(|(name, field)| mentions(name, key) || json_mentions(field, key)),
        _ => false,
    }
}

/// A dash or some dots are no start of an address: a sign of a list, or of something left out.
fn is_longer_before(text: &str) -> bool {
    text.chars()
        .rev()
        .take_while(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '+' | '-'))
        .any(char::is_alphanumeric)
}

/// A dot that nothing follows ends a sentence.
fn is_longer_after(text: &str) -> bool {
    text.chars()
        .find(|c| !matches!(c, '.' | '-'))
        .is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn whole_addresses_only() {
        let key = "na@x.de";
        for text in [
            "na@x.de",
            "NA@X.DE",
            "<na@x.de>: no such user",
            "mailto:na@x.de",
            "write to na@x.de.",
            "-na@x.de-",
            "\u{201e}na@x.de\u{201c}",
            "anna@x.de,na@x.de;",
        ] {
            assert!(mentions(text, key), "{text}");
        }
        for text in [
            "anna@x.de",
            "an.na@x.de",
            "an+na@x.de",
            "\u{e9}na@x.de",
            "na@x.de.com",
            "na@x.dev",
            "na@x.de-a.de",
        ] {
            assert!(!mentions(text, key), "{text}");
        }
        assert!(json_mentions(&json!({ "a": ["Dear\nna@x.de"] }), key));
        assert!(json_mentions(&json!({ "na@x.de": 1 }), key));
        assert!(!json_mentions(&json!({ "a": ["anna@x.de", 1, null] }), key));
    }
}
