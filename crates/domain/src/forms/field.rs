//! One field of a form.

use super::condition::ShowIf;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum FieldType {
    Text,
    Email,
    Tel,
    Number,
    /// One of `options`.
    Select,
    /// Ticked or not; `required` means it must be ticked.
    Checkbox,
    Textarea,
    /// Not shown; sent with what the page put into it.
    Hidden,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FormField {
    /// Key of the answer: letters, digits, `_` and `-`, at most 64, unique in the form. The names `name`, `email`,
    /// `phone`, `company` and `title` fill the lead's own fields; every other becomes a custom field.
    pub name: String,
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(rename = "type"))]
    pub kind: FieldType,
    /// What the visitor reads; the name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(default)]
    pub required: bool,
    /// Choices of a `select`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<String>,
    /// Longest text accepted, in characters: 1 to 10,000 (default 500, `textarea` 10,000).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// Smallest `number` accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Largest `number` accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// What a `hidden` field holds on the hosted page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Shown only if these hold. An answer to a field that is not shown is neither required nor believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show_if: Option<ShowIf>,
    /// `false`: the address of the page can't fill it in (`?name=...`). A checkbox it never ticks.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub prefill: bool,
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_yes(value: &bool) -> bool {
    *value
}

impl FormField {
    pub fn label(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.name)
    }

    /// Whether the address of the page may fill it in.
    pub fn takes_prefill(&self) -> bool {
        self.prefill && self.kind != FieldType::Checkbox
    }

    pub fn max_length(&self) -> usize {
        self.max_length.map_or(
            if self.kind == FieldType::Textarea {
                10_000
            } else {
                500
            },
            |length| length as usize,
        )
    }
}
