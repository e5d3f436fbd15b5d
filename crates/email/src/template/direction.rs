//! Characters that turn the direction of writing, kept to the value in which they are.
//!
//! A name with U+202E in it would turn the rest of its paragraph, and a first name is cut out of a name, perhaps without the end of what was
//! begun in it. So what a value begins it ends, and what it has not begun it can't end (Unicode Standard Annex 9, 2.4 to 2.6 and X6a).

use serde_json::Value;
use std::borrow::Cow;

/// Ends an embedding or an override.
const POP: char = '\u{202c}';
/// Ends an isolate, and with it what was begun inside.
const POP_ISOLATE: char = '\u{2069}';

fn turns(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn closed(text: &str) -> Cow<'_, str> {
    if !text.contains(turns) {
        return Cow::Borrowed(text);
    }
    let mut closed = String::with_capacity(text.len() + 3);
    let mut open = Vec::new();
    for letter in text.chars() {
        match letter {
            POP if open.last() != Some(&POP) => continue,
            POP => {
                open.pop();
            }
            POP_ISOLATE => {
                let Some(begun) = open.iter().rposition(|end| *end == POP_ISOLATE) else {
                    continue;
                };
                // It would end these as well; spelled out, each has an end of its own.
                closed.extend(open.drain(begun + 1..));
                open.pop();
            }
            '\u{2066}'..='\u{2068}' => open.push(POP_ISOLATE),
            letter if turns(letter) => open.push(POP),
            _ => {}
        }
        closed.push(letter);
    }
    closed.extend(open.into_iter().rev());
    Cow::Owned(closed)
}

/// Every text in it, at any depth; keys are the author's and stay.
pub(super) fn close(value: &Value) -> Cow<'_, Value> {
    fn turned(value: &Value) -> bool {
        match value {
            Value::String(text) => text.contains(turns),
            Value::Array(values) => values.iter().any(turned),
            Value::Object(fields) => fields.values().any(turned),
            _ => false,
        }
    }
    fn each(value: &mut Value) {
        match value {
            Value::String(text) => *text = closed(text).into_owned(),
            Value::Array(values) => values.iter_mut().for_each(each),
            Value::Object(fields) => fields.values_mut().for_each(each),
            _ => {}
        }
    }
    if !turned(value) {
        return Cow::Borrowed(value);
    }
    let mut value = value.clone();
    each(&mut value);
    Cow::Owned(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_begun_is_ended_and_nothing_else() {
        for (text, wanted) in [
            ("Ada", "Ada"),
            // Marks that turn nothing.
            ("שרה\u{200f}!", "שרה\u{200f}!"),
            ("\u{202e}gnp.exe", "\u{202e}gnp.exe\u{202c}"),
            ("\u{202e}gnp.exe\u{202c}", "\u{202e}gnp.exe\u{202c}"),
            ("Mallory\u{202c}\u{2069}", "Mallory"),
            ("\u{2068}a\u{202b}b", "\u{2068}a\u{202b}b\u{202c}\u{2069}"),
            (
                "\u{2067}a\u{202d}b\u{2069}c",
                "\u{2067}a\u{202d}b\u{202c}\u{2069}c",
            ),
            // An embedding inside an isolate is not ended from outside.
            (
                "\u{202a}a\u{2066}b\u{202c}c",
                "\u{202a}a\u{2066}bc\u{2069}\u{202c}",
            ),
        ] {
            assert_eq!(closed(text), wanted, "{text:?}");
            assert_eq!(closed(wanted), wanted, "once is enough");
        }
    }

    #[test]
    fn values_are_closed_at_any_depth() {
        let value = json!({ "name": "a\u{202e}b", "tags": ["\u{2066}x", 1], "custom_fields": { "deep": "\u{202b}" } });
        let wanted = json!({ "name": "a\u{202e}b\u{202c}", "tags": ["\u{2066}x\u{2069}", 1], "custom_fields": { "deep": "\u{202b}\u{202c}" } });
        assert_eq!(*close(&value), wanted);
        let plain = json!({ "name": "Ada", "tags": [], "score": 3 });
        assert!(matches!(close(&plain), Cow::Borrowed(_)));
    }
}
