//! Asking a little more each time instead of everything at once.

use super::condition::ShowIf;
use super::field::{FieldType, FormField};
use crate::leads::Lead;
use crate::validate::Problems;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Fields of which only a few are shown: the first ones that are not known yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Progressive {
    /// Names of fields, in the order in which they are asked. None of them is required: nobody sees all of them.
    pub fields: Vec<String>,
    /// How many of them are shown at a time, 1 to 5.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 5))]
    pub show: u8,
}

impl Progressive {
    pub(super) fn check(&self, fields: &[FormField], problems: &mut Problems) {
        let at = "settings.progressive";
        problems.check(
            (1..=5).contains(&self.show),
            &format!("{at}.show"),
            "must be between 1 and 5",
        );
        let at = format!("{at}.fields");
        problems.check(!self.fields.is_empty(), &at, "must name at least one field");
        let mut seen = HashSet::new();
        for name in &self.fields {
            problems.check(seen.insert(name), &at, format!("`{name}` is there twice"));
            match fields.iter().find(|field| field.name == *name) {
                None => problems.add(&at, format!("the form has no field `{name}`")),
                Some(field) => problems.check(
                    !field.required && field.kind != FieldType::Hidden,
                    &at,
                    format!("`{name}` is required or hidden: it can't be left out"),
                ),
            }
        }
        for field in fields {
            let looked_at = field.show_if.iter().flat_map(ShowIf::fields);
            for name in looked_at.filter(|name| self.fields.iter().any(|some| some == name)) {
                problems.add(
                    &at,
                    format!(
                        "the condition of `{}` looks at `{name}`, which is not always asked",
                        field.name
                    ),
                );
            }
        }
    }

    /// Names of the fields that are not shown to somebody of whom these are known.
    pub fn left_out(&self, known: &HashSet<String>) -> HashSet<&str> {
        let unknown = |name: &&String| !known.contains(*name);
        let shown: HashSet<_> = self
            .fields
            .iter()
            .filter(unknown)
            .take(self.show.into())
            .collect();
        self.fields
            .iter()
            .filter(|name| !shown.contains(name))
            .map(String::as_str)
            .collect()
    }

    /// Names of the fields that somebody was asked who was asked these before, and is now shown the next ones: whoever
    /// leaves one empty, or does not see it because of its condition, is not asked again.
    pub fn asked_with(&self, known: &HashSet<String>) -> Vec<&str> {
        let left_out = self.left_out(known);
        let asked = |name: &&String| known.contains(*name) || !left_out.contains(name.as_str());
        self.fields.iter().filter(asked).map(String::as_str).collect()
    }

    /// Names of its fields that this lead has answered.
    pub fn answered_by(&self, lead: &Lead) -> HashSet<String> {
        self.fields
            .iter()
            .filter(|name| knows(lead, name))
            .cloned()
            .collect()
    }
}

fn knows(lead: &Lead, field: &str) -> bool {
    let filled = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.is_empty());
    match field {
        "name" => !lead.name.is_empty(),
        "phone" => filled(&lead.phone),
        "company" => filled(&lead.company),
        "title" => filled(&lead.title),
        other => lead
            .custom_fields
            .get(other)
            .is_some_and(|value| !value.is_null() && value != ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_ones_that_are_not_known_are_shown() {
        let progressive = Progressive {
            fields: ["a", "b", "c", "d"].map(str::to_owned).to_vec(),
            show: 2,
        };
        let left = |known: &[&str]| {
            let known = known.iter().map(|name| (*name).to_owned()).collect();
            let mut left: Vec<_> = progressive.left_out(&known).into_iter().collect();
            left.sort_unstable();
            left.join("")
        };
        assert_eq!(left(&[]), "cd");
        assert_eq!(left(&["b"]), "bd");
        assert_eq!(left(&["a", "b", "c", "d"]), "abcd");
        let asked = |known: &[&str]| {
            let known = known.iter().map(|name| (*name).to_owned()).collect();
            progressive.asked_with(&known).join("")
        };
        assert_eq!(asked(&[]), "ab");
        assert_eq!(asked(&["b"]), "abc");
        assert_eq!(asked(&["a", "b", "c"]), "abcd");
    }
}
