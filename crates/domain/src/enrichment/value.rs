//! One fact from one source.

use super::{Confidence, EnrichmentField, EnrichmentSource};
use crate::ids::LeadId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Longest text of a value, in characters, and longest list.
const LONGEST: usize = 500;
const MOST_ITEMS: usize = 50;

/// What a source says, before it is written down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub field: EnrichmentField,
    pub value: Value,
    pub confidence: Confidence,
}

impl Finding {
    /// Nothing when the value is empty, or no value that a field can have: texts, numbers, truth values, and lists of texts.
    /// Texts become one line without control characters.
    pub fn new(field: EnrichmentField, value: &Value, percent: u8) -> Option<Self> {
        let value = match value {
            Value::String(text) => Value::String(line(text)?),
            Value::Number(_) | Value::Bool(_) => value.clone(),
            Value::Array(items) => {
                let mut texts: Vec<String> =
                    items.iter().filter_map(Value::as_str).filter_map(line).collect();
                texts.truncate(MOST_ITEMS);
                if texts.is_empty() {
                    return None;
                }
                texts.into()
            }
            Value::Null | Value::Object(_) => return None,
        };
        Some(Self {
            field,
            value,
            confidence: Confidence::percent(percent),
        })
    }

    /// Of a text that may be missing.
    pub fn text(field: EnrichmentField, text: Option<&str>, percent: u8) -> Option<Self> {
        Self::new(field, &Value::from(text?), percent)
    }
}

fn line(text: &str) -> Option<String> {
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if !word.is_empty() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    let line: String = line.chars().take(LONGEST).collect();
    (!line.is_empty()).then_some(line)
}

/// What a source said of a lead.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnrichmentValue {
    #[serde(skip)]
    pub lead_id: LeadId,
    pub field: EnrichmentField,
    /// A text, a number, a truth value or a list of texts.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub value: Value,
    pub source: EnrichmentSource,
    pub confidence: Confidence,
    pub fetched_at: DateTime<Utc>,
    /// From then on it does not count any more.
    pub expires_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_small_and_one_line() {
        let of = |value: Value| Finding::new(EnrichmentField::Company, &value, 50).map(|found| found.value);
        assert_eq!(of(json!(" A\n\t B\u{0}C ")), Some(json!("A B C")));
        assert_eq!(of(json!("x".repeat(900))).unwrap().as_str().unwrap().len(), 500);
        assert_eq!(of(json!(["a", 1, " ", "b"])), Some(json!(["a", "b"])));
        assert_eq!(of(json!(12)), Some(json!(12)));
        for nothing in [json!(null), json!(" \u{1}"), json!({}), json!([]), json!([{}])] {
            assert_eq!(of(nothing.clone()), None, "{nothing}");
        }
    }
}
