//! What is known about a person, apart from the address.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Longest value of one of the lead's own fields, in characters.
pub const MAX_FIELD: usize = 300;
/// Most custom fields a lead can have.
pub const MAX_CUSTOM_FIELDS: usize = 200;

/// Facts about a lead. Empty texts count as unknown.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LeadProfile {
    pub name: String,
    pub phone: Option<String>,
    pub company: Option<String>,
    pub title: Option<String>,
    pub custom_fields: Map<String, Value>,
}

impl LeadProfile {
    /// Whether a form field or CSV column of this name is one of the lead's own fields.
    pub fn is_own_field(name: &str) -> bool {
        matches!(name, "name" | "phone" | "company" | "title")
    }

    /// Sets an own field (by its name) or a custom field.
    pub fn set(&mut self, name: &str, value: Value) -> Result<(), String> {
        let target = match name {
            "name" => {
                self.name = line(&value)?;
                return Ok(());
            }
            "phone" => &mut self.phone,
            "company" => &mut self.company,
            "title" => &mut self.title,
            _ => return self.custom(name.to_owned(), value),
        };
        let text = line(&value)?;
        *target = Some(text).filter(|text| !text.is_empty());
        Ok(())
    }

    /// Sets a custom field, whatever its name is.
    pub fn custom(&mut self, key: String, value: Value) -> Result<(), String> {
        if self.custom_fields.len() >= MAX_CUSTOM_FIELDS && !self.custom_fields.contains_key(&key) {
            return Err(format!("a lead has at most {MAX_CUSTOM_FIELDS} custom fields"));
        }
        self.custom_fields.insert(key, value);
        Ok(())
    }

    /// Takes the newer values of these custom fields, where `other` has any. True when anything changed.
    pub fn renew(&mut self, other: &Self, keys: &[String]) -> bool {
        let mut changed = false;
        for key in keys {
            if let (Some(mine), Some(new)) = (self.custom_fields.get_mut(key), other.custom_fields.get(key))
                && mine != new
            {
                mine.clone_from(new);
                changed = true;
            }
        }
        changed
    }

    /// Fills what is unknown here with what `other` knows, custom fields as well as the lead's own, and nothing else. True
    /// when anything changed.
    pub fn fill(&mut self, other: &Self) -> bool {
        let before = self.clone();
        if self.name.is_empty() {
            self.name.clone_from(&other.name);
        }
        for (mine, theirs) in [
            (&mut self.phone, &other.phone),
            (&mut self.company, &other.company),
            (&mut self.title, &other.title),
        ] {
            if mine.is_none() {
                mine.clone_from(theirs);
            }
        }
        for (key, value) in &other.custom_fields {
            if !self.custom_fields.contains_key(key) && self.custom_fields.len() < MAX_CUSTOM_FIELDS {
                self.custom_fields.insert(key.clone(), value.clone());
            }
        }
        *self != before
    }

    /// Whether both have no more custom fields together than a lead can have. [`Self::fill`] adds none beyond that.
    pub fn has_room_for(&self, other: &Self) -> bool {
        let new = other.custom_fields.keys();
        let new = new.filter(|key| !self.custom_fields.contains_key(*key)).count();
        self.custom_fields.len() + new <= MAX_CUSTOM_FIELDS
    }
}

fn line(value: &Value) -> Result<String, String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Null => String::new(),
        _ => return Err("must be a text".into()),
    };
    if text.chars().count() > MAX_FIELD {
        return Err(format!("must have at most {MAX_FIELD} characters"));
    }
    if text.chars().any(char::is_control) {
        return Err("must not contain line breaks or control characters".into());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn gaps_are_filled_and_only_what_is_asked_for_is_renewed() {
        let mut known = LeadProfile {
            name: "Ada".into(),
            company: Some("ACME".into()),
            ..Default::default()
        };
        let mut news = LeadProfile {
            name: "A. Lovelace".into(),
            phone: Some("1".into()),
            ..Default::default()
        };
        news.set("plan", json!("Pro")).unwrap();
        assert!(known.fill(&news));
        assert_eq!((known.name.as_str(), known.phone.as_deref()), ("Ada", Some("1")));
        assert_eq!(known.custom_fields["plan"], json!("Pro"));
        assert!(!known.fill(&news));
        news.set("plan", json!("Free")).unwrap();
        assert!(!known.fill(&news), "filling leaves what is there");
        let asked = ["plan".to_owned(), "seats".to_owned()];
        assert!(!known.renew(&news, &asked[1..]));
        assert!(known.renew(&news, &asked) && !known.renew(&news, &asked));
        assert_eq!(known.custom_fields["plan"], json!("Free"));
        let many = (0..MAX_CUSTOM_FIELDS).map(|index| (format!("f{index}"), json!(1)));
        let many = LeadProfile {
            custom_fields: many.collect(),
            ..Default::default()
        };
        assert!(many.has_room_for(&many) && !many.has_room_for(&known));
    }

    #[test]
    fn fields_are_one_line_and_bounded() {
        let mut profile = LeadProfile::default();
        assert!(profile.set("company", json!("a\nb")).is_err());
        assert!(profile.set("company", json!("x".repeat(301))).is_err());
        assert!(profile.set("company", json!({})).is_err());
        profile.set("company", json!("  ")).unwrap();
        assert_eq!(profile.company, None);
    }
}
