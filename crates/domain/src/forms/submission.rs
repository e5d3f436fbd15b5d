//! One filled-in form.

use crate::ids::{FormId, LeadId, SubmissionId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A field that people don't see and leave empty; programs that fill in everything give themselves away.
pub const HONEYPOT: &str = "website_url_confirm";

/// Where a visitor came from. Each at most 500 characters; longer ones are cut.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Attribution {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referrer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utm_source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utm_medium: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utm_campaign: Option<String>,
}

impl Attribution {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Submission {
    pub id: SubmissionId,
    pub form_id: FormId,
    pub lead_id: LeadId,
    /// Every answer as it was sent, also those that the form has no field for.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub answers: serde_json::Map<String, serde_json::Value>,
    pub attribution: Attribution,
    pub user_agent: Option<String>,
    pub created_at: DateTime<Utc>,
}

crate::sort_fields! {
    /// How submissions can be ordered.
    SubmissionSort { CreatedAt => "created_at": Time }
}
