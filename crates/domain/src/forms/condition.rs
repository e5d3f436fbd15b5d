//! When a field is shown: conditions on the answers to fields before it.
//!
//! The server decides, from the answers alone, so that it makes no difference whether a page could hide a field: what was
//! not asked is neither required nor believed. A condition names an earlier field, so that one pass in the order of the
//! fields is enough and there are no circles.

use super::field::{FieldType, FormField};
use super::validation::{as_text, is_ticked};
use crate::validate::Problems;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// Most conditions of one field, and most texts of one condition.
const MOST: usize = 20;

/// Either `all` or `any`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShowIf {
    /// Every one of these holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub all: Vec<Condition>,
    /// At least one of these holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub any: Vec<Condition>,
}

/// One of `equals`, `in`, `not` and `filled`. Answers are compared as texts; a ticked box is `yes`, and one that is not
/// ticked, an empty field and a field that is not shown itself are the empty text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Condition {
    /// Name of an earlier field.
    pub field: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equals: Option<String>,
    #[serde(default, rename = "in", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(rename = "in"))]
    pub one_of: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filled: Option<bool>,
}

/// A condition in the one shape that pages evaluate: the answer is among these, or is not.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Test<'a> {
    field: &'a str,
    #[serde(rename = "in")]
    texts: Vec<&'a str>,
    not: bool,
}

impl Condition {
    fn test(&self) -> Test<'_> {
        let (texts, not) = match (&self.equals, &self.one_of, &self.not, self.filled) {
            (Some(text), ..) => (vec![text.as_str()], false),
            (_, Some(texts), ..) => (texts.iter().map(String::as_str).collect(), false),
            (.., Some(text), _) => (vec![text.as_str()], true),
            (.., filled) => (vec![""], filled.unwrap_or_default()),
        };
        Test {
            field: &self.field,
            texts,
            not,
        }
    }
}

impl Test<'_> {
    fn holds(&self, answers: &HashMap<&str, String>) -> bool {
        let answer = answers.get(self.field).map_or("", String::as_str);
        self.texts.contains(&answer) != self.not
    }
}

impl ShowIf {
    fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.all.iter().chain(&self.any)
    }

    /// Names of the fields that it looks at.
    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
        self.conditions().map(|condition| condition.field.as_str())
    }

    fn holds(&self, answers: &HashMap<&str, String>) -> bool {
        let mut tests = self.conditions().map(Condition::test);
        if self.any.is_empty() {
            tests.all(|test| test.holds(answers))
        } else {
            tests.any(|test| test.holds(answers))
        }
    }

    /// For a page: `{"any": false, "of": [{"field": "plan", "in": ["Pro"], "not": false}]}`.
    pub fn for_page(&self) -> Value {
        let tests: Vec<_> = self.conditions().map(Condition::test).collect();
        serde_json::json!({ "any": !self.any.is_empty(), "of": tests })
    }

    /// Everything that is wrong with it, in a form where these fields come before it.
    pub(super) fn check(&self, at: &str, earlier: &[FormField], problems: &mut Problems) {
        problems.check(
            self.all.is_empty() != self.any.is_empty(),
            at,
            "needs conditions in either `all` or `any`",
        );
        problems.check(
            self.conditions().count() <= MOST,
            at,
            format!("at most {MOST} conditions"),
        );
        for condition in self.conditions() {
            let kinds = [
                condition.equals.is_some(),
                condition.one_of.is_some(),
                condition.not.is_some(),
                condition.filled.is_some(),
            ];
            problems.check(
                kinds.into_iter().filter(|is| *is).count() == 1,
                at,
                "each condition has one of `equals`, `in`, `not` and `filled`",
            );
            let Some(field) = earlier.iter().find(|field| field.name == condition.field) else {
                problems.add(
                    at,
                    format!("`{}` is not the name of an earlier field", condition.field),
                );
                continue;
            };
            let texts = condition.test().texts;
            problems.check(
                !texts.is_empty() && texts.len() <= MOST,
                at,
                format!("`in` has 1 to {MOST} texts"),
            );
            for text in texts {
                problems.line(at, text, 500, true);
                let known = field.kind != FieldType::Select
                    || text.is_empty()
                    || field.options.iter().any(|option| option == text);
                problems.check(known, at, format!("`{}` has no such option", field.name));
            }
        }
    }
}

/// Names of the fields that are not shown to somebody who gave these answers.
pub fn hidden_fields<'a>(fields: &'a [FormField], answers: &Map<String, Value>) -> HashSet<&'a str> {
    let mut hidden = HashSet::new();
    if fields.iter().all(|field| field.show_if.is_none()) {
        return hidden;
    }
    let mut texts = HashMap::new();
    for field in fields {
        if field.show_if.as_ref().is_none_or(|rule| rule.holds(&texts)) {
            let answer = answers.get(&field.name);
            let text = match field.kind {
                FieldType::Checkbox if answer.is_some_and(is_ticked) => "yes".to_owned(),
                FieldType::Checkbox => String::new(),
                _ => answer.and_then(as_text).unwrap_or_default(),
            };
            texts.insert(field.name.as_str(), text);
        } else {
            hidden.insert(field.name.as_str());
        }
    }
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(value: Value) -> Vec<FormField> {
        serde_json::from_value(value).unwrap()
    }

    fn hidden(fields: &[FormField], answers: &Value) -> Vec<String> {
        let mut names: Vec<_> = hidden_fields(fields, answers.as_object().unwrap())
            .into_iter()
            .map(str::to_owned)
            .collect();
        names.sort_unstable();
        names
    }

    fn conditional(rule: Value) -> Vec<FormField> {
        let mut fields = fields(json!([
            {"name": "plan", "type": "select", "options": ["Basic", "Pro"]},
            {"name": "call", "type": "checkbox"},
            {"name": "seats", "type": "number"},
            {"name": "more", "type": "text"}
        ]));
        fields[3].show_if = Some(serde_json::from_value(rule).unwrap());
        fields
    }

    #[test]
    fn each_kind_of_condition_means_what_it_says() {
        for (rule, answers, shown) in [
            (
                json!({"field": "plan", "equals": "Pro"}),
                json!({"plan": " Pro "}),
                true,
            ),
            (
                json!({"field": "plan", "equals": "Pro"}),
                json!({"plan": "Basic"}),
                false,
            ),
            (json!({"field": "plan", "equals": "Pro"}), json!({}), false),
            (
                json!({"field": "plan", "in": ["Pro", "Basic"]}),
                json!({"plan": "Basic"}),
                true,
            ),
            (
                json!({"field": "plan", "in": ["Pro", ""]}),
                json!({"plan": null}),
                true,
            ),
            (json!({"field": "plan", "not": "Pro"}), json!({}), true),
            (
                json!({"field": "plan", "not": "Pro"}),
                json!({"plan": "Pro"}),
                false,
            ),
            (
                json!({"field": "plan", "filled": true}),
                json!({"plan": "  "}),
                false,
            ),
            (
                json!({"field": "plan", "filled": false}),
                json!({"plan": "Pro"}),
                false,
            ),
            (
                json!({"field": "call", "filled": true}),
                json!({"call": "on"}),
                true,
            ),
            (
                json!({"field": "call", "equals": "yes"}),
                json!({"call": true}),
                true,
            ),
            (
                json!({"field": "call", "filled": true}),
                json!({"call": "no"}),
                false,
            ),
            (
                json!({"field": "seats", "equals": "3"}),
                json!({"seats": 3}),
                true,
            ),
        ] {
            for group in ["all", "any"] {
                let fields = conditional(json!({ group: [rule] }));
                assert_eq!(hidden(&fields, &answers).is_empty(), shown, "{rule} {answers}");
            }
        }
    }

    #[test]
    fn all_and_any_differ() {
        let both = json!([{"field": "plan", "equals": "Pro"}, {"field": "call", "filled": true}]);
        let answers = json!({"plan": "Pro"});
        assert_eq!(hidden(&conditional(json!({ "all": both })), &answers), ["more"]);
        assert!(hidden(&conditional(json!({ "any": both })), &answers).is_empty());
    }

    #[test]
    fn what_hangs_on_a_hidden_field_is_hidden_with_it() {
        let fields = fields(json!([
            {"name": "a", "type": "text"},
            {"name": "b", "type": "text", "show_if": {"all": [{"field": "a", "equals": "1"}]}},
            {"name": "c", "type": "text", "show_if": {"all": [{"field": "b", "filled": true}]}}
        ]));
        assert_eq!(hidden(&fields, &json!({"a": "2", "b": "x"})), ["b", "c"]);
        assert!(hidden(&fields, &json!({"a": "1", "b": "x"})).is_empty());
    }

    #[test]
    fn pages_get_one_shape() {
        let fields = conditional(json!({"any": [{"field": "call", "filled": true}]}));
        let rule = fields[3].show_if.as_ref().unwrap().for_page();
        assert_eq!(
            rule,
            json!({"any": true, "of": [{"field": "call", "in": [""], "not": true}]})
        );
    }

    #[test]
    fn mistakes_are_named() {
        for (rule, words) in [
            (json!({}), "either `all` or `any`"),
            (
                json!({"all": [{"field": "plan", "filled": true}], "any": [{"field": "plan", "filled": true}]}),
                "either `all` or `any`",
            ),
            (json!({"all": [{"field": "plan"}]}), "one of `equals`"),
            (
                json!({"all": [{"field": "plan", "equals": "Pro", "filled": true}]}),
                "one of `equals`",
            ),
            (
                json!({"all": [{"field": "nothing", "filled": true}]}),
                "earlier field",
            ),
            (
                json!({"all": [{"field": "more", "filled": true}]}),
                "earlier field",
            ),
            (
                json!({"all": [{"field": "plan", "equals": "Gold"}]}),
                "no such option",
            ),
            (json!({"all": [{"field": "plan", "in": []}]}), "1 to 20 texts"),
        ] {
            let fields = conditional(rule.clone());
            let mut problems = Problems::new();
            fields[3]
                .show_if
                .as_ref()
                .unwrap()
                .check("x", &fields[..3], &mut problems);
            let error = problems.finish().unwrap_err().to_string();
            assert!(error.contains(words), "{rule}: {error}");
        }
    }
}
