//! What callers send, and what they get.

use groundswell_domain::email::{MessageStatus, SaveAs, TemplateFormat};
use groundswell_domain::{LeadId, MessageId, Patch, TemplateId, TopicId};
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
    /// What it is about: recipients can leave that without leaving everything.
    #[serde(default)]
    pub topic_id: Option<TopicId>,
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
    /// HTML, or MJML if `format` says so.
    pub html: String,
    /// `html` when absent.
    #[serde(default)]
    pub format: Option<TemplateFormat>,
    /// Made from the HTML when absent.
    #[serde(default)]
    pub text: Option<String>,
    /// Names, beside the lead's, the organization's and the brand's fields, that a sender fills in.
    #[serde(default)]
    pub variables: Vec<String>,
    /// `live` publishes what the checks find no error in. When absent, a new template is published without them, and a change is a draft.
    #[serde(default)]
    pub status: Option<SaveAs>,
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
    pub format: Option<TemplateFormat>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub text: Patch<String>,
    #[serde(default)]
    pub variables: Option<Vec<String>>,
    /// `live` publishes what the checks find no error in; a draft when absent.
    #[serde(default)]
    pub status: Option<SaveAs>,
}

/// Which version is to be sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublishTemplate {
    /// The newest when absent.
    #[serde(default)]
    pub version: Option<i32>,
    /// Publish in spite of errors that the checks find.
    #[serde(default)]
    pub force: bool,
}

/// Which version is to be sent again.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RollbackTemplate {
    /// One that was published before; the newest of those that are older than what is sent when absent.
    #[serde(default)]
    pub version: Option<i32>,
}

/// For whom a template is shown.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewTemplate {
    /// The newest when absent.
    #[serde(default)]
    pub version: Option<i32>,
    /// One of the organization's leads; somebody made up when absent.
    #[serde(default)]
    pub lead_id: Option<LeadId>,
    /// Fields of the made-up lead, in place of its own: `{"first_name": "Ada", "tags": ["vip"]}`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub sample: Map<String, Value>,
    /// Values of the template's own variables.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub variables: Map<String, Value>,
}

/// What is looked over.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LintTemplate {
    /// The newest when absent.
    #[serde(default)]
    pub version: Option<i32>,
    /// Also asks up to 20 links whether somebody answers, where their sites let programs ask.
    #[serde(default)]
    pub check_links: bool,
}

/// Which template of the library to begin with.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StarterInput {
    /// Its key in the library.
    pub starter: String,
    /// That of the starter when absent.
    #[serde(default)]
    pub name: Option<String>,
    /// A draft when absent.
    #[serde(default)]
    pub status: Option<SaveAs>,
}

/// A whole partial, to create or to replace one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PartialInput {
    #[cfg_attr(feature = "openapi", schema(pattern = "^[a-z0-9_-]{1,60}$"))]
    pub name: String,
    /// `html` when absent.
    #[serde(default)]
    pub format: Option<TemplateFormat>,
    /// A piece of HTML, or of MJML if `format` says so.
    pub html: String,
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
    /// What mails are about that the organization sends; empty where it has no topics.
    pub topics: Vec<TopicChoice>,
}

/// A topic on that page.
#[derive(Debug, Clone)]
pub struct TopicChoice {
    pub id: TopicId,
    pub name: String,
    pub description: Option<String>,
    /// The address gets mail about it.
    pub kept: bool,
    /// The mail that the link is of was about it.
    pub about: bool,
}
