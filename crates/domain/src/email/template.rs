//! A reusable mail with merge fields.

use super::partial::Partial;
use super::version::{TemplateStatus, TemplateVersion};
use crate::brand::Brand;
use crate::ids::{TemplateId, UserId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Largest HTML of a mail, in bytes. (Gmail cuts at 102 kB; this is the hard limit.)
pub const MAX_HTML: usize = 512 * 1024;

crate::text_enum::text_enum! {
    /// What the HTML part is written in.
    TemplateFormat {
        Html => "html",
        /// <https://documentation.mjml.io>; its HTML is made when the template is compiled.
        Mjml => "mjml",
    }
}

impl TemplateFormat {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_html(&self) -> bool {
        *self == Self::Html
    }
}

/// The text of a mail before merging, in the syntax of Jinja: `{{ lead.name | default("there") }}`. With what it shares
/// with other mails, once somebody has looked that up: then it needs nothing else and can be kept as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateSource {
    #[serde(default = "html", skip_serializing_if = "TemplateFormat::is_html")]
    pub format: TemplateFormat,
    pub subject: String,
    /// HTML, or MJML.
    pub html: String,
    /// Made from the HTML when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Names beside `lead`, `organization`, `brand` and `unsubscribe_url` that may be used.
    #[serde(default)]
    pub variables: Vec<String>,
    /// What `include` finds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partials: Vec<Partial>,
    /// What `brand` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<Brand>,
}

fn html() -> TemplateFormat {
    TemplateFormat::Html
}

impl TemplateSource {
    /// A mail in HTML that shares nothing.
    pub fn html(subject: impl Into<String>, html: impl Into<String>) -> Self {
        Self {
            format: TemplateFormat::Html,
            subject: subject.into(),
            html: html.into(),
            text: None,
            variables: Vec::new(),
            partials: Vec::new(),
            brand: None,
        }
    }

    #[must_use]
    pub fn with_text(self, text: Option<String>) -> Self {
        Self { text, ..self }
    }

    #[must_use]
    pub fn with_variables<T: Into<String>>(self, names: impl IntoIterator<Item = T>) -> Self {
        Self {
            variables: names.into_iter().map(Into::into).collect(),
            ..self
        }
    }

    /// Whether it can say something of the brand.
    pub fn mentions_brand(&self) -> bool {
        let parts = [Some(&self.subject), Some(&self.html), self.text.as_ref()];
        let partials = self.partials.iter().map(|partial| &partial.html);
        parts
            .into_iter()
            .flatten()
            .chain(partials)
            .any(|part| part.contains("brand"))
    }
}

/// A template as it was saved last, which need not be what is sent: see [`TemplateVersion`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Template {
    pub id: TemplateId,
    pub name: String,
    /// A word of the organization's own, for example `newsletter`.
    pub category: String,
    pub format: TemplateFormat,
    pub subject: String,
    /// HTML or MJML, as `format` says.
    pub html: String,
    pub text: Option<String>,
    /// Names that a sender fills in, beside the lead's own fields.
    pub variables: Vec<String>,
    pub status: TemplateStatus,
    /// Number of the version that these texts are.
    pub latest_version: i32,
    /// Number of the version that is sent.
    pub live_version: Option<i32>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
}

impl Template {
    pub fn source(&self) -> TemplateSource {
        TemplateSource {
            format: self.format,
            ..TemplateSource::html(&self.subject, &self.html)
                .with_text(self.text.clone())
                .with_variables(self.variables.clone())
        }
    }

    /// From now on this version is sent.
    pub fn set_live(&mut self, number: i32) {
        self.live_version = Some(number);
        self.status = TemplateStatus::of(self.latest_version, self.live_version);
    }

    /// These texts are another version than the one before.
    pub fn begin_version(&mut self) {
        self.latest_version += 1;
        self.status = TemplateStatus::of(self.latest_version, self.live_version);
    }

    /// The texts as the version that they are.
    pub fn as_version(&self, by: Option<UserId>) -> TemplateVersion {
        TemplateVersion {
            template_id: self.id,
            number: self.latest_version,
            format: self.format,
            subject: self.subject.clone(),
            html: self.html.clone(),
            text: self.text.clone(),
            variables: self.variables.clone(),
            created_at: self.updated_at,
            created_by: by,
            published_at: None,
            published_by: None,
        }
    }
}

crate::sort_fields! {
    /// How templates can be ordered.
    TemplateSort { CreatedAt => "created_at": Time, UpdatedAt => "updated_at": Time, Name => "name": Text }
}
