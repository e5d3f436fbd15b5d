//! A lead as something to learn from, or to say something about.

use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::BTreeMap;

/// Longer texts are compared by their beginning.
const MAX_WORD: usize = 80;

/// What is known of a lead, by the name of the field. What is missing is not in it.
pub type Features = BTreeMap<String, Known>;

#[derive(Debug, Clone, PartialEq)]
pub enum FeatureValue {
    /// Finite.
    Number(f64),
    Category(String),
    Flag(bool),
}

impl FeatureValue {
    /// A word of a list; case and surrounding space do not count. `None` when it is empty.
    pub fn category(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty())
            .then(|| Self::Category(text.chars().take(MAX_WORD).collect::<String>().to_lowercase()))
    }

    /// A finite number.
    pub fn number(number: f64) -> Option<Self> {
        number.is_finite().then_some(Self::Number(number))
    }

    /// What a JSON value says, if it is a single one. Numbers may come as text: files and forms know nothing else.
    pub fn of_json(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(flag) => Some(Self::Flag(*flag)),
            Value::Number(number) => number.as_f64().and_then(Self::number),
            Value::String(text) => match text.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => Some(Self::Number(number)),
                _ => Self::category(text),
            },
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }
}

/// A value, and when it became known.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    pub value: FeatureValue,
    /// `None` when nobody noted it.
    pub since: Option<DateTime<Utc>>,
}

impl From<FeatureValue> for Known {
    fn from(value: FeatureValue) -> Self {
        Self { value, since: None }
    }
}

/// What became of a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Became a customer; otherwise it was disqualified.
    pub converted: bool,
    pub at: DateTime<Utc>,
}

/// A lead whose outcome is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    pub created_at: DateTime<Utc>,
    pub outcome: Outcome,
    pub features: Features,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_is_understood_as_forms_and_files_write_it() {
        let of = |value: Value| FeatureValue::of_json(&value);
        assert_eq!(of(json!(" 12.5 ")), Some(FeatureValue::Number(12.5)));
        assert_eq!(of(json!(" Pro ")), Some(FeatureValue::Category("pro".into())));
        assert_eq!(of(json!("inf")), Some(FeatureValue::Category("inf".into())));
        assert_eq!(of(json!(true)), Some(FeatureValue::Flag(true)));
        for nothing in [json!(""), json!(null), json!([1]), json!({})] {
            assert_eq!(of(nothing), None);
        }
    }
}
