//! What differs between two states of a thing.

use groundswell_domain::Error;
use serde::Serialize;
use serde_json::{Map, Value};

/// Every change tells these anyway.
const SELF_EVIDENT: [&str; 4] = ["id", "created_at", "updated_at", "version"];

/// Longest JSON of a value that is kept; of a longer one only its size. The log grows with every change and never shrinks
/// before its time.
const LONGEST: usize = 4096;

/// The fields that differ, as they were and as they became.
pub(crate) fn changes<T: Serialize>(before: &T, after: &T) -> Result<(Value, Value), Error> {
    let (before, after) = (object(before)?, object(after)?);
    let pick = |from: &Map<String, Value>, other: &Map<String, Value>| {
        let differing = from
            .iter()
            .filter(|(name, value)| !SELF_EVIDENT.contains(&name.as_str()) && other.get(*name) != Some(value))
            .map(|(name, value)| (name.clone(), shortened(value)));
        Value::Object(differing.collect())
    };
    Ok((pick(&before, &after), pick(&after, &before)))
}

fn object<T: Serialize>(thing: &T) -> Result<Map<String, Value>, Error> {
    match serde_json::to_value(thing).map_err(Error::internal)? {
        Value::Object(fields) => Ok(fields),
        _ => Err(Error::internal("only things with fields can be compared")),
    }
}

fn shortened(value: &Value) -> Value {
    let length = value.to_string().len();
    if length > LONGEST {
        Value::String(format!("({length} bytes)"))
    } else {
        value.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_differs_is_told_and_long_values_by_their_size() {
        let long = "x".repeat(5000);
        let old = json!({ "id": 1, "version": 1, "name": "a", "fields": [1], "same": { "b": null } });
        let new =
            json!({ "id": 1, "version": 2, "name": "b", "fields": long, "same": { "b": null }, "more": 1 });
        let (before, after) = changes(&old, &new).unwrap();
        assert_eq!(before, json!({ "name": "a", "fields": [1] }));
        assert_eq!(after, json!({ "name": "b", "fields": "(5002 bytes)", "more": 1 }));
    }
}
