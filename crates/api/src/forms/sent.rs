//! What a visitor sent, whichever way it was encoded.

use groundswell_domain::forms::{Attribution, CAPTCHA, Form, HONEYPOT, KNOWN, SESSION, SHOWN};
use groundswell_domain::leads::LeadProfile;
use groundswell_domain::{Error, FieldError};
use serde_json::{Map, Value};

/// A form post, sorted into what it is for.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Sent {
    pub answers: Map<String, Value>,
    pub custom_fields: Map<String, Value>,
    pub attribution: Attribution,
    /// The field that people don't see was filled in.
    pub trapped: bool,
    pub extra: Extra,
}

/// What our pages send beside the answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Extra {
    /// The solution of a captcha.
    pub captcha: Option<String>,
    /// Under which the page told what was typed so far.
    pub session: Option<String>,
    /// Names of fields that need not be asked of this visitor, with dots between them.
    pub known: Option<String>,
    /// When the page was made.
    pub shown: Option<String>,
}

impl Sent {
    /// A JSON object. Names that the form does not have are mistakes of a programmer, who is told.
    pub fn from_json(form: &Form, body: Map<String, Value>) -> Result<Self, Error> {
        let mut sent = Self::default();
        let mut problems = Vec::new();
        for (name, value) in body {
            if name == "custom_fields" {
                match value {
                    Value::Object(fields) => sent.custom_fields = fields,
                    Value::Null => {}
                    _ => problems.push(FieldError::new(name, "must be an object")),
                }
            } else if name == HONEYPOT {
                sent.trapped = !matches!(&value, Value::Null | Value::Bool(false)) && value != "";
            } else if let Some(place) = sent.place(&name) {
                match value {
                    Value::String(text) => *place = Some(text),
                    Value::Null => {}
                    _ => problems.push(FieldError::new(name, "must be a text")),
                }
            } else if is_known(form, &name) {
                sent.answers.insert(name, value);
            } else {
                problems.push(FieldError::new(name, "is not a field of this form"));
            }
        }
        if problems.is_empty() {
            Ok(sent)
        } else {
            Err(Error::Invalid(problems))
        }
    }

    /// The fields of an HTML form. A page may send more than the form asks for: it is kept with the submission. Of
    /// several values of one name the last one counts, so that a hidden "no" before a checkbox works.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut sent = Self::default();
        for (name, text) in pairs {
            if name == HONEYPOT {
                sent.trapped |= !text.is_empty();
            } else if let Some(place) = sent.place(&name) {
                *place = Some(text).filter(|text| !text.is_empty());
            } else {
                sent.answers.insert(name, Value::String(text));
            }
        }
        sent
    }

    /// The place of a name that is no answer.
    fn place(&mut self, name: &str) -> Option<&mut Option<String>> {
        match name {
            CAPTCHA => Some(&mut self.extra.captcha),
            SESSION => Some(&mut self.extra.session),
            KNOWN => Some(&mut self.extra.known),
            SHOWN => Some(&mut self.extra.shown),
            _ => attribution(&mut self.attribution, name),
        }
    }
}

fn is_known(form: &Form, name: &str) -> bool {
    name == "email"
        || LeadProfile::is_own_field(name)
        || name.starts_with("utm_")
        || form.fields.iter().any(|field| field.name == name)
        || form
            .settings
            .consents
            .iter()
            .any(|consent| consent.field() == name)
}

/// The place of a name that tells where the visitor came from.
pub(super) fn attribution<'a>(all: &'a mut Attribution, name: &str) -> Option<&'a mut Option<String>> {
    Some(match name {
        "referrer" => &mut all.referrer,
        "utm_source" => &mut all.utm_source,
        "utm_medium" => &mut all.utm_medium,
        "utm_campaign" => &mut all.utm_campaign,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn form() -> Form {
        Form {
            id: uuid::Uuid::nil().into(),
            organization_id: uuid::Uuid::nil().into(),
            name: "Contact".into(),
            campaign_id: None,
            fields: serde_json::from_value(json!([{"name": "email", "type": "email", "required": true}, {"name": "plan", "type": "text"}])).unwrap(),
            styling: Map::new(),
            settings: groundswell_domain::forms::FormSettings::default(),
            created_at: chrono::DateTime::UNIX_EPOCH,
            updated_at: chrono::DateTime::UNIX_EPOCH,
            version: 1,
        }
    }

    fn json_post(body: &Value) -> Result<Sent, Error> {
        Sent::from_json(&form(), body.as_object().unwrap().clone())
    }

    #[test]
    fn json_and_html_posts_are_sorted_alike() {
        let json = json_post(&json!({"email": "a@b.de", "plan": "Pro", "utm_source": "x", "referrer": "https://r.example", "website_url_confirm": ""})).unwrap();
        let pairs = [
            ("email", "a@b.de"),
            ("plan", "Pro"),
            ("utm_source", "x"),
            ("referrer", "https://r.example"),
            ("website_url_confirm", ""),
        ];
        let html = Sent::from_pairs(pairs.map(|(name, text)| (name.to_owned(), text.to_owned())));
        assert_eq!(json, html);
        assert_eq!(json.answers.len(), 2);
        assert!(!json.trapped);
    }

    #[test]
    fn a_programmer_learns_of_a_wrong_name_and_a_page_may_send_more() {
        let Err(Error::Invalid(problems)) =
            json_post(&json!({"email": "a@b.de", "emial": 1, "utm_medium": 3, "custom_fields": []}))
        else {
            panic!("must be refused")
        };
        let names: Vec<_> = problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(names.len(), 3);
        assert!(
            names.contains(&"emial") && names.contains(&"utm_medium") && names.contains(&"custom_fields")
        );
        let html = Sent::from_pairs([("gclid".to_owned(), "1".to_owned())]);
        assert_eq!(html.answers["gclid"], json!("1"));
    }

    #[test]
    fn the_lead_s_own_fields_are_known_even_when_the_form_does_not_ask() {
        let sent = json_post(
            &json!({"email": "a@b.de", "company": "ACME", "utm_term": "t", "custom_fields": {"size": 3}}),
        )
        .unwrap();
        assert_eq!(sent.answers["company"], json!("ACME"));
        assert_eq!(sent.custom_fields["size"], json!(3));
    }

    #[test]
    fn whoever_fills_the_trap_is_recognized() {
        assert!(
            json_post(&json!({"email": "a@b.de", "website_url_confirm": "http://spam"}))
                .unwrap()
                .trapped
        );
        let pairs = [
            (HONEYPOT.to_owned(), "x".to_owned()),
            (HONEYPOT.to_owned(), String::new()),
        ];
        assert!(Sent::from_pairs(pairs).trapped);
    }

    #[test]
    fn the_last_value_of_a_name_counts() {
        let sent = Sent::from_pairs([
            ("terms".to_owned(), "no".to_owned()),
            ("terms".to_owned(), "yes".to_owned()),
        ]);
        assert_eq!(sent.answers["terms"], json!("yes"));
    }
}
