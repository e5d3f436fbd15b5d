//! A reusable mail with merge fields.

use crate::ids::TemplateId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Largest HTML of a mail, in bytes. (Gmail cuts at 102 kB; this is the hard limit.)
pub const MAX_HTML: usize = 512 * 1024;

/// The text of a mail before merging, in the syntax of Jinja: `{{ lead.name | default("there") }}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateSource {
    pub subject: String,
    pub html: String,
    /// Made from the HTML when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Names beside `lead`, `organization` and `unsubscribe_url` that may be used.
    #[serde(default)]
    pub variables: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Template {
    pub id: TemplateId,
    pub name: String,
    /// A word of the organization's own, for example `newsletter`.
    pub category: String,
    pub subject: String,
    pub html: String,
    pub text: Option<String>,
    /// Names that a sender fills in, beside the lead's own fields.
    pub variables: Vec<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
}

impl Template {
    pub fn source(&self) -> TemplateSource {
        TemplateSource {
            subject: self.subject.clone(),
            html: self.html.clone(),
            text: self.text.clone(),
            variables: self.variables.clone(),
        }
    }
}

crate::sort_fields! {
    /// How templates can be ordered.
    TemplateSort { CreatedAt => "created_at": Time, UpdatedAt => "updated_at": Time, Name => "name": Text }
}
