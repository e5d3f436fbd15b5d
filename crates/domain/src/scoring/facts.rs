//! What conditions can ask about, by path.

use crate::leads::{Lead, LeadEvent};
use serde_json::Value;
use std::borrow::Cow;
use std::cell::OnceCell;

/// A path that nothing is known of has no value.
pub(crate) trait Facts {
    fn get(&self, path: &[String]) -> Option<Cow<'_, Value>>;
}

/// A lead, under the names that its JSON has, and `email_domain`.
pub(crate) struct LeadFacts<'a> {
    lead: &'a Lead,
    /// Fields that are seldom asked for, made when the first of them is.
    json: OnceCell<Value>,
}

impl<'a> LeadFacts<'a> {
    pub fn new(lead: &'a Lead) -> Self {
        Self {
            lead,
            json: OnceCell::new(),
        }
    }
}

impl Facts for LeadFacts<'_> {
    fn get(&self, path: &[String]) -> Option<Cow<'_, Value>> {
        let (first, rest) = path.split_first()?;
        let text = |text: &str| Some(Cow::Owned(Value::String(text.to_owned())));
        match (first.as_str(), rest) {
            ("custom_fields", [key, rest @ ..]) => within(self.lead.custom_fields.get(key)?, rest),
            ("email_domain", []) => text(self.lead.email.as_str().rsplit_once('@')?.1),
            ("email", []) => text(self.lead.email.as_str()),
            ("name", []) => text(&self.lead.name),
            ("phone", []) => text(self.lead.phone.as_deref()?),
            ("company", []) => text(self.lead.company.as_deref()?),
            ("title", []) => text(self.lead.title.as_deref()?),
            ("source", []) => text(&self.lead.source),
            ("stage", []) => text(self.lead.stage.as_str()),
            ("status", []) => text(self.lead.status.as_str()),
            _ => {
                let json = self
                    .json
                    .get_or_init(|| serde_json::to_value(self.lead).unwrap_or_default());
                within(json, path)
            }
        }
    }
}

/// The data of an event, with its `subject`.
pub(super) struct EventFacts<'a>(pub &'a LeadEvent);

impl Facts for EventFacts<'_> {
    fn get(&self, path: &[String]) -> Option<Cow<'_, Value>> {
        let (first, rest) = path.split_first()?;
        if first == "subject" && rest.is_empty() {
            return Some(Cow::Owned(Value::String(self.0.subject?.to_string())));
        }
        within(self.0.data.get(first)?, rest)
    }
}

fn within<'a>(value: &'a Value, path: &[String]) -> Option<Cow<'a, Value>> {
    let found = path.iter().try_fold(value, |value, key| value.get(key))?;
    Some(Cow::Borrowed(found))
}
