//! Reads conditions, naming the path to each mistake.

use super::condition::{Condition, Test, time};
use super::facts::EventFacts;
use crate::error::FieldError;
use crate::leads::{LeadEvent, LeadEventKind};
use regex::{Regex, RegexBuilder};
use serde_json::{Map, Value};
use uuid::Uuid;

/// How deep conditions can be within each other.
const DEEPEST: usize = 8;
/// Parts of one rule's condition.
const MOST_PARTS: usize = 200;
/// Longest text in a condition.
const LONGEST: usize = 500;
/// Bytes of a compiled pattern. Patterns run in linear time whatever they are; this bounds what they occupy.
const PATTERN_SIZE: usize = 1 << 19;

const OPERATORS: &str = "eq, ne, in, contains, gt, gte, lt, lte, matches, exists or missing";

/// The condition of an event rule.
#[derive(Debug)]
pub(crate) struct EventCondition {
    pub kinds: Vec<LeadEventKind>,
    /// Empty for any.
    pub subjects: Vec<Uuid>,
    pub data: Option<Condition>,
    pub lead: Option<Condition>,
}

impl EventCondition {
    /// Whether what happened is what it means, whoever it happened to.
    pub fn hit(&self, event: &LeadEvent) -> bool {
        self.kinds.contains(&event.kind)
            && (self.subjects.is_empty() || event.subject.is_some_and(|id| self.subjects.contains(&id)))
            && self
                .data
                .as_ref()
                .is_none_or(|data| data.holds(&EventFacts(event)))
    }
}

/// Mistakes found so far in one rule.
pub(crate) struct Reader<'a> {
    pub problems: &'a mut Vec<FieldError>,
    parts: usize,
}

impl<'a> Reader<'a> {
    pub fn new(problems: &'a mut Vec<FieldError>) -> Self {
        Self { problems, parts: 0 }
    }

    fn wrong<T>(&mut self, at: &str, message: impl Into<String>) -> Option<T> {
        self.problems.push(FieldError::new(at, message));
        None
    }

    pub fn condition(&mut self, at: &str, fields: &Map<String, Value>, depth: usize) -> Option<Condition> {
        self.parts += 1;
        if depth > DEEPEST {
            return self.wrong(
                at,
                format!("conditions can be at most {DEEPEST} deep within each other"),
            );
        }
        if self.parts > MOST_PARTS {
            return self.wrong(at, format!("a rule has at most {MOST_PARTS} conditions"));
        }
        if fields.contains_key("field") {
            return self.field(at, fields);
        }
        let mut names = fields.iter();
        let (Some((name, value)), None) = (names.next(), names.next()) else {
            return self.wrong(
                at,
                "must have `field` and an operator, or only one of `all`, `any` and `not`",
            );
        };
        let here = format!("{at}.{name}");
        match (name.as_str(), value) {
            ("all", Value::Array(parts)) => Some(Condition::All(self.several(&here, parts, depth)?)),
            ("any", Value::Array(parts)) => Some(Condition::Any(self.several(&here, parts, depth)?)),
            ("all" | "any", _) => self.wrong(&here, "must be a list of conditions"),
            ("not", Value::Object(part)) => Some(Condition::Not(Box::new(self.condition(
                &here,
                part,
                depth + 1,
            )?))),
            ("not", _) => self.wrong(&here, "must be a condition"),
            _ => self.wrong(
                &here,
                "is not known; a condition has `field`, `all`, `any` or `not`",
            ),
        }
    }

    fn several(&mut self, at: &str, parts: &[Value], depth: usize) -> Option<Vec<Condition>> {
        if parts.is_empty() {
            return self.wrong(at, "must not be empty");
        }
        let mut read = Vec::new();
        for (index, part) in parts.iter().enumerate().take(MOST_PARTS + 1) {
            let here = format!("{at}[{index}]");
            match part {
                Value::Object(fields) => read.extend(self.condition(&here, fields, depth + 1)),
                _ => return self.wrong(&here, "must be a condition"),
            }
        }
        (read.len() == parts.len()).then_some(read)
    }

    fn field(&mut self, at: &str, fields: &Map<String, Value>) -> Option<Condition> {
        let here = format!("{at}.field");
        let path = match fields.get("field") {
            Some(Value::String(path)) if (1..=200).contains(&path.chars().count()) => path,
            _ => {
                return self.wrong(
                    &here,
                    "must be the path of a field, for example `custom_fields.size`",
                );
            }
        };
        let path: Vec<String> = path.split('.').map(str::to_owned).collect();
        if path.iter().any(String::is_empty) {
            return self.wrong(&here, "must be names with single dots between them");
        }
        if matches!(path[0].as_str(), "score" | "version" | "updated_at") {
            return self.wrong(&here, "can't be asked for: it changes with the score");
        }
        let mut operators = fields.iter().filter(|(name, _)| *name != "field");
        let (Some((operator, value)), None) = (operators.next(), operators.next()) else {
            return self.wrong(at, format!("must have one operator beside `field`: {OPERATORS}"));
        };
        let here = format!("{at}.{operator}");
        let negated = operator == "ne";
        let test = self.test(&here, operator, value)?;
        let field = Condition::Field { path, test };
        Some(if negated {
            Condition::Not(Box::new(field))
        } else {
            field
        })
    }

    fn test(&mut self, at: &str, operator: &str, value: &Value) -> Option<Test> {
        if !matches!(
            operator,
            "eq" | "ne" | "in" | "contains" | "gt" | "gte" | "lt" | "lte" | "matches" | "exists" | "missing"
        ) {
            return self.wrong(at, format!("is not an operator; use {OPERATORS}"));
        }
        match (operator, value) {
            ("eq" | "ne", value) => Some(Test::In(vec![self.plain(at, value)?])),
            ("in", Value::Array(values)) if (1..=MOST_PARTS).contains(&values.len()) => {
                let read: Vec<_> = values.iter().map_while(|value| self.plain(at, value)).collect();
                (read.len() == values.len()).then_some(Test::In(read))
            }
            ("in", _) => self.wrong(at, format!("must be a list of 1 to {MOST_PARTS} values")),
            ("contains", Value::String(part)) if !part.is_empty() => {
                self.plain(at, value)?;
                Some(Test::Contains(part.to_lowercase()))
            }
            ("contains", _) => self.wrong(at, "must be a text"),
            ("matches", Value::String(pattern)) => {
                self.plain(at, value)?;
                match compile(pattern) {
                    Ok(pattern) => Some(Test::Matches(pattern)),
                    Err(error) => self.wrong(at, format!("is not a pattern that can be used: {error}")),
                }
            }
            ("matches", _) => self.wrong(at, "must be a pattern"),
            ("exists" | "missing", Value::Bool(true)) => Some(Test::Exists(operator == "exists")),
            ("exists" | "missing", _) => self.wrong(at, "must be true"),
            (_, value) if value.is_number() || time(value).is_some() => Some(match operator {
                "gt" => Test::Gt(value.clone()),
                "gte" => Test::Gte(value.clone()),
                "lt" => Test::Lt(value.clone()),
                _ => Test::Lte(value.clone()),
            }),
            _ => self.wrong(at, "must be a number, a day like 2027-01-31, or a time"),
        }
    }

    fn plain(&mut self, at: &str, value: &Value) -> Option<Value> {
        match value {
            Value::String(text) if text.chars().count() > LONGEST || text.contains('\0') => self.wrong(
                at,
                format!("must have at most {LONGEST} characters, and no NUL among them"),
            ),
            Value::String(_) | Value::Number(_) | Value::Bool(_) => Some(value.clone()),
            _ => self.wrong(at, "must be a text, a number, or true or false"),
        }
    }

    pub fn event(&mut self, at: &str, fields: &Map<String, Value>) -> Option<EventCondition> {
        const NAMES: [&str; 4] = ["event", "subject", "data", "lead"];
        for name in fields.keys().filter(|name| !NAMES.contains(&name.as_str())) {
            self.problems.push(FieldError::new(
                format!("{at}.{name}"),
                "is not known; the condition of an event has `event`, `subject`, `data` and `lead`",
            ));
        }
        let before = self.problems.len();
        let kinds = self.words(&format!("{at}.event"), fields.get("event"), |word| {
            let kind: LeadEventKind = word.parse()?;
            if kind.is_derived() {
                return Err("can't be counted: it is not something that the lead did".to_owned());
            }
            Ok(kind)
        });
        if kinds.is_empty() && self.problems.len() == before {
            return self.wrong(&format!("{at}.event"), "says which events count, and is required");
        }
        let subjects = self.words(&format!("{at}.subject"), fields.get("subject"), |word| {
            word.parse()
                .map_err(|_| "must be the id of a form or message".to_owned())
        });
        let mut part = |name: &str| match fields.get(name) {
            None => None,
            Some(Value::Object(part)) => self.condition(&format!("{at}.{name}"), part, 1),
            Some(_) => self.wrong(&format!("{at}.{name}"), "must be a condition"),
        };
        let (data, lead) = (part("data"), part("lead"));
        Some(EventCondition {
            kinds,
            subjects,
            data,
            lead,
        })
    }

    /// One word or a list of them.
    fn words<T>(
        &mut self,
        at: &str,
        value: Option<&Value>,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Vec<T> {
        let values = match value {
            None => return Vec::new(),
            Some(Value::Array(values)) if values.len() <= MOST_PARTS => values.as_slice(),
            Some(value) => std::slice::from_ref(value),
        };
        let mut words = Vec::new();
        for value in values {
            match value.as_str().map(&read) {
                Some(Ok(word)) => words.push(word),
                Some(Err(message)) => self.problems.push(FieldError::new(at, message)),
                None => self
                    .problems
                    .push(FieldError::new(at, "must be a text, or a list of texts")),
            }
        }
        words
    }
}

fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern)
        .case_insensitive(true)
        .size_limit(PATTERN_SIZE)
        .dfa_size_limit(PATTERN_SIZE)
        .nest_limit(50)
        .build()
}
