//! What a row is after a change to it is taken back: what others changed since stays.

use serde_json::{Map, Value};

/// `before` and `after` a change, and `now`: what is as the change left it is as before again. Of lists of texts (tags) and of
/// objects (custom fields) that is decided for each item.
pub fn take_back(before: &Value, after: &Value, now: &Value) -> Value {
    if after == now {
        return before.clone();
    }
    match (before, after, now) {
        (Value::Object(before), Value::Object(after), Value::Object(now)) => {
            Value::Object(object(before, after, now))
        }
        (Value::Array(before), Value::Array(after), Value::Array(now)) => {
            let mut kept: Vec<Value> = now
                .iter()
                .filter(|item| before.contains(item) || !after.contains(item))
                .cloned()
                .collect();
            let gone = before
                .iter()
                .filter(|item| !after.contains(item) && !kept.contains(item));
            let back: Vec<Value> = gone.cloned().collect();
            kept.extend(back);
            if kept.iter().all(Value::is_string) {
                kept.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            }
            Value::Array(kept)
        }
        _ => now.clone(),
    }
}

fn object(
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    now: &Map<String, Value>,
) -> Map<String, Value> {
    let keys = before.keys().chain(now.keys());
    let mut result = Map::new();
    for key in keys {
        if result.contains_key(key) {
            continue;
        }
        let value = match (before.get(key), after.get(key), now.get(key)) {
            (before, after, now) if after == now => before.cloned(),
            (Some(before), Some(after), Some(now)) => Some(take_back(before, after, now)),
            (_, _, now) => now.cloned(),
        };
        if let Some(value) = value {
            result.insert(key.clone(), value);
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn what_was_changed_since_stays() {
        let before = json!({ "name": "Ada", "phone": null, "tags": ["a"], "custom_fields": { "size": 1 } });
        let after = json!({ "name": "Ada L.", "phone": "1", "tags": ["a", "b"], "custom_fields": { "size": 1, "city": "X" } });
        assert_eq!(take_back(&before, &after, &after), before);
        let now = json!({ "name": "Ada Lovelace", "phone": "1", "tags": ["b", "c"], "custom_fields": { "size": 2, "city": "X" } });
        assert_eq!(
            take_back(&before, &after, &now),
            json!({ "name": "Ada Lovelace", "phone": null, "tags": ["c"], "custom_fields": { "size": 2 } })
        );
    }

    proptest! {
        #[test]
        fn an_untouched_row_is_what_it_was(before in ".*", after in ".*") {
            let (before, after) = (json!({ "text": before, "list": [before] }), json!({ "text": after, "more": 1 }));
            prop_assert_eq!(take_back(&before, &after, &after), before);
        }
    }
}
