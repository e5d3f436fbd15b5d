//! What callers send, and what they get.

use groundswell_domain::email::MessageStatus;
use groundswell_domain::{MessageId, Patch, TemplateId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One mail to one person.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SendEmail {
    #[cfg_attr(feature = "openapi", schema(format = "email"))]
    pub to: String,
    /// Required without a template; with one it overrides the template's.
    #[serde(default)]
    pub subject: Option<String>,
    /// HTML, or plain text when there is no tag in it. Required without a template.
    #[serde(default)]
    pub body: Option<String>,
    #[serde(default)]
    pub template_id: Option<TemplateId>,
    /// Values of merge fields by name.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub variables: Map<String, Value>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EmailQueued {
    pub email_id: MessageId,
    pub status: MessageStatus,
}

/// A whole template, to create or to replace one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TemplateInput {
    pub name: String,
    #[serde(default)]
    pub category: String,
    #[cfg_attr(
        feature = "openapi",
        schema(example = "Hello {{ lead.first_name | default('there') }}")
    )]
    pub subject: String,
    pub html: String,
    /// Made from the HTML when absent.
    #[serde(default)]
    pub text: Option<String>,
    /// Names, beside the lead's and the organization's fields, that a sender fills in.
    #[serde(default)]
    pub variables: Vec<String>,
}

/// Changes of a template; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TemplatePatch {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub category: Option<String>,
    #[serde(default)]
    pub subject: Option<String>,
    #[serde(default)]
    pub html: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub text: Patch<String>,
    #[serde(default)]
    pub variables: Option<Vec<String>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewSuppression {
    #[cfg_attr(feature = "openapi", schema(format = "email"))]
    pub email: String,
    #[serde(default)]
    pub note: Option<String>,
}

/// What the page behind an unsubscribe link says.
#[derive(Debug, Clone)]
pub struct UnsubscribeInfo {
    /// The address that would get no more mail.
    pub email: String,
    pub organization: String,
    /// It gets none already.
    pub done: bool,
}
