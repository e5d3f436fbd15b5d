//! What callers send, and what they get.

use groundswell_domain::forms::{Attribution, FormField, FormSettings, SpentChallenge};
use groundswell_domain::idempotency::IdempotencyKey;
use groundswell_domain::{CampaignId, LeadId, Patch, SubmissionId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A whole form, to create or to replace one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FormInput {
    /// 1 to 200 characters.
    pub name: String,
    #[serde(default)]
    pub campaign_id: Option<CampaignId>,
    pub fields: Vec<FormField>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub styling: Map<String, Value>,
    #[serde(default)]
    pub settings: FormSettings,
}

/// Changes of a form; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FormPatch {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<CampaignId>))]
    pub campaign_id: Patch<CampaignId>,
    #[serde(default)]
    pub fields: Option<Vec<FormField>>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub styling: Patch<Map<String, Value>>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<FormSettings>))]
    pub settings: Patch<FormSettings>,
}

/// A visitor's answers.
#[derive(Debug, Clone)]
pub struct Capture {
    /// As they were sent: JSON values, or the texts of an HTML form.
    pub answers: Map<String, Value>,
    /// More about the lead, by key: `custom_fields` of a JSON body.
    pub custom_fields: Map<String, Value>,
    pub attribution: Attribution,
    pub user_agent: Option<String>,
    /// The field that people don't see was filled in.
    pub trapped: bool,
    /// From showing the form to sending it, where that is known for sure.
    pub took: Option<std::time::Duration>,
    pub idempotency: Option<IdempotencyKey>,
    /// The captcha that was solved for it: see [`super::check_captcha`].
    pub challenge: Option<SpentChallenge>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Captured {
    pub lead_id: LeadId,
    pub submission_id: SubmissionId,
    /// The form's thank-you text.
    pub message: String,
    /// It is the answer to an earlier request with the same `Idempotency-Key`.
    #[serde(skip)]
    pub replayed: bool,
    /// It was held back; nobody is told.
    #[serde(skip)]
    pub held: bool,
}

/// What became of a submission that somebody of the organization sent or released.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Taken {
    pub lead_id: LeadId,
    pub submission_id: SubmissionId,
}
