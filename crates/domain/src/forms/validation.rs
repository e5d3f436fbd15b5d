//! Reads a visitor's answers by the rules of the form.

use super::condition::hidden_fields;
use super::field::{FieldType, FormField};
use super::form::Form;
use crate::consents::FormConsent;
use crate::email::EmailAddress;
use crate::error::{Error, FieldError};
use crate::leads::LeadProfile;
use serde_json::{Map, Value};

/// Answers that hold what the form asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Answers<'a> {
    pub email: EmailAddress,
    /// What the answers say about the lead.
    pub profile: LeadProfile,
    /// What the visitor agreed to. A box that was left alone says nothing: it withdraws nothing.
    pub granted: Vec<&'a FormConsent>,
}

/// Checks every answer; all problems are reported at once.
///
/// `answers` are JSON values, or the texts of an HTML form. `email`, `name`, `phone`, `company` and `title` are read even if
/// the form has no field for them. What conditions hide is neither required nor read.
pub fn read_answers<'a>(form: &'a Form, answers: &Map<String, Value>) -> Result<Answers<'a>, Error> {
    let mut problems = Vec::new();
    let mut profile = LeadProfile::default();
    let mut email = None;
    for (name, value) in answers {
        if form.fields.iter().all(|field| field.name != *name) {
            match (LeadProfile::is_own_field(name) || name == "email", as_text(value)) {
                (true, Some(text)) => set(name, Value::String(text), &mut profile, &mut email, &mut problems),
                (true, None) if !value.is_null() => problems.push(FieldError::new(name, "must be a text")),
                _ => {}
            }
        }
    }
    let hidden = hidden_fields(&form.fields, answers);
    let shown = |field: &&FormField| !hidden.contains(field.name.as_str());
    for field in form.fields.iter().filter(shown) {
        match read(field, answers.get(&field.name)) {
            Ok(Some(value)) => set(&field.name, value, &mut profile, &mut email, &mut problems),
            Ok(None) => {}
            Err(message) => problems.push(FieldError::new(&field.name, message)),
        }
    }
    let mut granted = Vec::new();
    for consent in &form.settings.consents {
        let name = consent.field();
        match read_tick(consent.required, answers.get(&name)) {
            Ok(true) => granted.push(consent),
            Ok(false) => {}
            Err(message) => problems.push(FieldError::new(name, message)),
        }
    }
    if email.is_none() && !problems.iter().any(|problem| problem.field == "email") {
        problems.push(FieldError::new("email", "is required"));
    }
    match email {
        Some(email) if problems.is_empty() => Ok(Answers {
            email,
            profile,
            granted,
        }),
        _ => Err(Error::Invalid(problems)),
    }
}

fn set(
    name: &str,
    value: Value,
    profile: &mut LeadProfile,
    email: &mut Option<EmailAddress>,
    problems: &mut Vec<FieldError>,
) {
    if name == "email" {
        match value.as_str().unwrap_or_default().parse() {
            Ok(address) => *email = Some(address),
            Err(message) => problems.push(FieldError::new(name, message)),
        }
    } else if let Err(message) = profile.set(name, value) {
        problems.push(FieldError::new(name, message));
    }
}

/// The text of a JSON scalar, trimmed; `None` for null, lists and objects.
pub(super) fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// One answer in the type of its field, `None` when it was left empty.
fn read(field: &FormField, value: Option<&Value>) -> Result<Option<Value>, String> {
    let value = value.filter(|value| !value.is_null());
    if field.kind == FieldType::Checkbox {
        let ticked = read_tick(field.required, value)?;
        return Ok(value.map(|_| Value::Bool(ticked)));
    }
    let text = text_of(value)?;
    if text.is_empty() {
        return if field.required {
            Err("is required".into())
        } else {
            Ok(None)
        };
    }
    if text.chars().count() > field.max_length() {
        return Err(format!("must have at most {} characters", field.max_length()));
    }
    let multiline = field.kind == FieldType::Textarea;
    if text
        .chars()
        .any(|c| c.is_control() && !(multiline && matches!(c, '\n' | '\r' | '\t')))
    {
        return Err("must not contain control characters or line breaks".into());
    }
    match field.kind {
        FieldType::Number => number(field, &text).map(Some),
        FieldType::Select if !field.options.contains(&text) => {
            Err(format!("must be one of {}", field.options.join(", ")))
        }
        FieldType::Tel if text.chars().filter(char::is_ascii_digit).count() < 3 => {
            Err("is not a phone number".into())
        }
        _ => Ok(Some(Value::String(text))),
    }
}

fn text_of(value: Option<&Value>) -> Result<String, String> {
    match value.filter(|value| !value.is_null()) {
        None => Ok(String::new()),
        Some(value) => as_text(value).ok_or_else(|| "must be a text, a number or a yes/no value".to_owned()),
    }
}

pub(super) fn is_ticked(value: &Value) -> bool {
    read_tick(false, Some(value)) == Ok(true)
}

/// Whether a box was ticked.
fn read_tick(required: bool, value: Option<&Value>) -> Result<bool, String> {
    match text_of(value)?.to_ascii_lowercase().as_str() {
        "true" | "1" | "on" | "yes" => Ok(true),
        "" | "false" | "0" | "off" | "no" if required => Err("must be ticked".into()),
        "" | "false" | "0" | "off" | "no" => Ok(false),
        _ => Err("must be ticked or not".into()),
    }
}

fn number(field: &FormField, text: &str) -> Result<Value, String> {
    let number: f64 = text.parse().map_err(|_| "must be a number".to_owned())?;
    if let Some(min) = field.min.filter(|min| number < *min) {
        return Err(format!("must be at least {min}"));
    }
    if let Some(max) = field.max.filter(|max| number > *max) {
        return Err(format!("must be at most {max}"));
    }
    // A whole number stays one, so that it does not come back as 3.0.
    if let Ok(whole) = text.parse::<i64>() {
        return Ok(Value::from(whole));
    }
    serde_json::Number::from_f64(number)
        .map(Value::Number)
        .ok_or_else(|| "must be a finite number".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::FormSettings;
    use serde_json::json;

    fn form(fields: Value) -> Form {
        Form {
            id: uuid::Uuid::nil().into(),
            organization_id: uuid::Uuid::nil().into(),
            name: "Contact".into(),
            campaign_id: None,
            fields: serde_json::from_value(fields).unwrap(),
            styling: Map::new(),
            settings: FormSettings::default(),
            created_at: chrono::DateTime::UNIX_EPOCH,
            updated_at: chrono::DateTime::UNIX_EPOCH,
            version: 1,
        }
    }

    fn contact() -> Form {
        form(json!([
            {"name": "email", "type": "email", "required": true},
            {"name": "name", "type": "text", "required": true},
            {"name": "seats", "type": "number", "min": 1, "max": 500},
            {"name": "plan", "type": "select", "options": ["Basic", "Pro"]},
            {"name": "terms", "type": "checkbox", "required": true},
            {"name": "message", "type": "textarea"}
        ]))
    }

    fn answer<'a>(form: &'a Form, answers: &Value) -> Result<Answers<'a>, Vec<String>> {
        match read_answers(form, answers.as_object().unwrap()) {
            Ok(answers) => Ok(answers),
            Err(Error::Invalid(fields)) => Err(fields
                .into_iter()
                .map(|f| format!("{}: {}", f.field, f.message))
                .collect()),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn json_values_and_html_texts_mean_the_same() {
        let form = contact();
        let typed = answer(
            &form,
            &json!({"email": "a@b.de", "name": "Ada", "seats": 3, "terms": true}),
        )
        .unwrap();
        let texts = answer(
            &form,
            &json!({"email": " a@b.de", "name": "Ada ", "seats": "3", "terms": "on", "plan": ""}),
        )
        .unwrap();
        assert_eq!(typed, texts);
        assert_eq!(typed.profile.custom_fields["seats"], json!(3));
    }

    #[test]
    fn what_is_not_shown_is_neither_required_nor_believed() {
        let form = form(json!([
            {"name": "email", "type": "email", "required": true},
            {"name": "plan", "type": "select", "options": ["Basic", "Pro"]},
            {"name": "seats", "type": "number", "required": true, "show_if": {"all": [{"field": "plan", "equals": "Pro"}]}},
            {"name": "company", "type": "text", "show_if": {"any": [{"field": "seats", "filled": true}]}}
        ]));
        let hidden = answer(
            &form,
            &json!({"email": "a@b.de", "plan": "Basic", "seats": "many", "company": "X"}),
        )
        .unwrap();
        assert!(!hidden.profile.custom_fields.contains_key("seats"));
        assert_eq!(hidden.profile.company, None);
        let shown = json!({"email": "a@b.de", "plan": "Pro"});
        assert_eq!(answer(&form, &shown).unwrap_err(), ["seats: is required"]);
        let filled = json!({"email": "a@b.de", "plan": "Pro", "seats": 3, "company": "X"});
        assert_eq!(
            answer(&form, &filled).unwrap().profile.custom_fields["seats"],
            json!(3)
        );
    }

    #[test]
    fn every_problem_is_named_at_once() {
        let problems = answer(
            &contact(),
            &json!({"email": "nope", "seats": 900, "plan": "Gold", "message": ["x"]}),
        )
        .unwrap_err();
        for field in ["email", "name", "seats", "plan", "terms", "message"] {
            assert!(
                problems.iter().any(|problem| problem.starts_with(field)),
                "{field} missing in {problems:?}"
            );
        }
    }

    #[test]
    fn control_characters_do_not_pass_but_a_textarea_has_lines() {
        let form = contact();
        let base = json!({"email": "a@b.de", "name": "Ada", "terms": "yes"});
        let with = |key: &str, value: &str| {
            let mut all = base.clone();
            all[key] = json!(value);
            answer(&form, &all)
        };
        assert!(with("message", "two\r\nlines").is_ok());
        assert!(with("name", "Ada\r\nBcc: x@y.de").is_err());
        assert!(with("message", "a\u{0}b").is_err());
    }

    fn asking() -> Form {
        let mut form = contact();
        form.settings.consents = serde_json::from_value(json!([
            {"purpose": "marketing", "text": "Write to me"},
            {"purpose": "privacy", "text": "I have read the notice", "required": true}
        ]))
        .unwrap();
        form
    }

    #[test]
    fn only_boxes_that_were_ticked_are_consents() {
        let form = asking();
        let purposes = |more: Value| {
            let mut all = json!({"email": "a@b.de", "name": "Ada", "terms": "yes", "consent.privacy": "on"});
            all.as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            answer(&form, &all).map(|answers| {
                assert!(
                    answers
                        .profile
                        .custom_fields
                        .keys()
                        .all(|key| !key.starts_with("consent"))
                );
                let purposes = answers.granted.iter().map(|consent| consent.purpose.to_string());
                purposes.collect::<Vec<_>>()
            })
        };
        for nothing in [
            json!({}),
            json!({"consent.marketing": ""}),
            json!({"consent.marketing": null}),
        ] {
            assert_eq!(purposes(nothing).unwrap(), ["privacy"]);
        }
        assert_eq!(
            purposes(json!({"consent.marketing": false})).unwrap(),
            ["privacy"]
        );
        assert_eq!(
            purposes(json!({"consent.marketing": true})).unwrap(),
            ["marketing", "privacy"]
        );
        assert_eq!(
            purposes(json!({"consent.privacy": "no"})).unwrap_err(),
            ["consent.privacy: must be ticked"]
        );
        assert_eq!(
            purposes(json!({"consent.marketing": "perhaps"})).unwrap_err(),
            ["consent.marketing: must be ticked or not"]
        );
    }

    #[test]
    fn a_form_asks_for_a_purpose_once_and_with_words() {
        let mut form = asking();
        let more = json!([{"purpose": "marketing", "text": " "}, {"purpose": "x", "text": "y".repeat(2001)}]);
        form.settings
            .consents
            .extend(serde_json::from_value::<Vec<FormConsent>>(more).unwrap());
        let mut problems = crate::validate::Problems::new();
        form.check(&mut problems);
        let Err(Error::Invalid(fields)) = problems.finish() else {
            panic!("must be refused")
        };
        let names: Vec<_> = fields.iter().map(|field| field.field.as_str()).collect();
        assert_eq!(
            names,
            [
                "settings.consents[2].text",
                "settings.consents[2].purpose",
                "settings.consents[3].text"
            ]
        );
    }

    #[test]
    fn a_form_without_a_required_email_is_refused() {
        let mut problems = crate::validate::Problems::new();
        form(json!([{"name": "name", "type": "text"}, {"name": "name", "type": "select"}, {"name": "a b", "type": "text"}])).check(&mut problems);
        let Err(Error::Invalid(fields)) = problems.finish() else {
            panic!("must be refused")
        };
        let names: Vec<_> = fields.iter().map(|field| field.field.as_str()).collect();
        assert_eq!(
            names,
            ["fields[1].name", "fields[1].options", "fields[2].name", "fields"]
        );
    }
}
