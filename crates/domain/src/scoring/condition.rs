//! Conditions on the fields of a lead or the data of an event.

use super::facts::Facts;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use regex::Regex;
use serde_json::Value;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;

#[derive(Debug)]
pub(crate) enum Condition {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Field { path: Vec<String>, test: Test },
}

/// Texts are compared without regard to case. Of a list, one element that passes is enough.
#[derive(Debug)]
pub(crate) enum Test {
    In(Vec<Value>),
    Contains(String),
    Gt(Value),
    Gte(Value),
    Lt(Value),
    Lte(Value),
    Matches(Regex),
    /// True for what is known, false for what is not.
    Exists(bool),
}

impl Condition {
    pub fn holds(&self, facts: &impl Facts) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(facts)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(facts)),
            Self::Not(part) => !part.holds(facts),
            Self::Field { path, test } => {
                let value = facts.get(path);
                test.passes(value.as_deref().filter(|value| !is_missing(value)))
            }
        }
    }

    /// Whether it holds, as far as that is known: a comparison with a field that nothing is known of is neither true nor
    /// false (Kleene's strong logic of three values).
    pub fn known(&self, facts: &impl Facts) -> Option<bool> {
        let fold = |parts: &[Self], decides: bool| {
            let mut all_known = true;
            for part in parts {
                match part.known(facts) {
                    Some(value) if value == decides => return Some(decides),
                    Some(_) => {}
                    None => all_known = false,
                }
            }
            all_known.then_some(!decides)
        };
        match self {
            Self::All(parts) => fold(parts, false),
            Self::Any(parts) => fold(parts, true),
            Self::Not(part) => part.known(facts).map(|value| !value),
            Self::Field { path, test } => {
                let value = facts.get(path);
                let value = value.as_deref().filter(|value| !is_missing(value));
                (value.is_some() || matches!(test, Test::Exists(_))).then(|| test.passes(value))
            }
        }
    }

    /// The fields that it asks about, with what is known of each.
    pub fn fields(&self, facts: &impl Facts) -> BTreeMap<String, Option<Value>> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(|part| part.fields(facts)).collect(),
            Self::Not(part) => part.fields(facts),
            Self::Field { path, .. } => {
                let value = facts.get(path).map(Cow::into_owned);
                BTreeMap::from([(path.join("."), value.filter(|value| !is_missing(value)))])
            }
        }
    }
}

/// Empty texts and lists are as good as none.
fn is_missing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

impl Test {
    fn passes(&self, value: Option<&Value>) -> bool {
        if let Self::Exists(wanted) = self {
            return value.is_some() == *wanted;
        }
        match value {
            None => false,
            Some(Value::Array(items)) => items.iter().any(|item| self.one(item, true)),
            Some(value) => self.one(value, false),
        }
    }

    fn one(&self, value: &Value, of_list: bool) -> bool {
        let order = |other: &Value| order(value, other);
        match self {
            Self::In(values) => values.iter().any(|other| equal(value, other)),
            // An element of a list is contained in it as a whole.
            Self::Contains(part) => text(value).is_some_and(|text| {
                let text = text.to_lowercase();
                if of_list {
                    text == *part
                } else {
                    text.contains(part)
                }
            }),
            Self::Gt(other) => order(other) == Some(Ordering::Greater),
            Self::Gte(other) => matches!(order(other), Some(Ordering::Greater | Ordering::Equal)),
            Self::Lt(other) => order(other) == Some(Ordering::Less),
            Self::Lte(other) => matches!(order(other), Some(Ordering::Less | Ordering::Equal)),
            Self::Matches(pattern) => text(value).is_some_and(|text| pattern.is_match(&text)),
            Self::Exists(wanted) => *wanted,
        }
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Answers of forms are texts, also where they are numbers.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        _ => None,
    }
}

/// A time, or the beginning (UTC) of a day.
pub(super) fn time(value: &Value) -> Option<DateTime<Utc>> {
    let text = value.as_str()?.trim();
    let day = || Some(text.parse::<NaiveDate>().ok()?.and_time(NaiveTime::MIN).and_utc());
    let time = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    time.ok().or_else(day)
}

fn equal(value: &Value, other: &Value) -> bool {
    match (value, other) {
        (Value::String(a), Value::String(b)) => a == b || a.to_lowercase() == b.to_lowercase(),
        (Value::Bool(a), Value::Bool(b)) => a == b,
        _ => match (number(value), number(other)) {
            (Some(a), Some(b)) => a.total_cmp(&b) == Ordering::Equal,
            _ => false,
        },
    }
}

/// Of two numbers or two times; other things have no order.
fn order(value: &Value, other: &Value) -> Option<Ordering> {
    match (number(value), number(other)) {
        (Some(a), Some(b)) => a.partial_cmp(&b),
        _ => Some(time(value)?.cmp(&time(other)?)),
    }
}
