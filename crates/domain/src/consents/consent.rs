//! One line: somebody decided something, at a time, in answer to these words.

use super::Purpose;
use crate::ids::{ConsentId, FormId, ImportId, LeadId, SubmissionId, UserId};
use crate::validate::Problems;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Longest text, in characters.
pub const MAX_TEXT: usize = 2000;

crate::text_enum::text_enum! {
    /// What a lead decided, or was asked to confirm. What was decided counts, whatever was asked later.
    ConsentDecision {
        Granted => "granted",
        Withdrawn => "withdrawn",
        /// Said in a form, by somebody who has yet to show that the address is theirs.
        Pending => "pending",
        /// Nobody confirmed it in time.
        Lapsed => "lapsed",
    }
}

impl ConsentDecision {
    /// Whether it is a decision, and no question.
    pub fn is_decided(self) -> bool {
        matches!(self, Self::Granted | Self::Withdrawn)
    }
}

/// Days in which a consent can be confirmed at the latest; its link is good for seven.
pub const PENDING_DAYS: i64 = 30;

/// How a double opt-in was shown to come from the address; the time is that of the consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Confirmation {
    /// When the form was sent.
    pub requested_at: DateTime<Utc>,
    /// Where the link in the mail was followed from.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub ip: Option<std::net::IpAddr>,
    pub user_agent: Option<String>,
}

crate::text_enum::text_enum! {
    /// Where it was said.
    ConsentSource {
        /// The lead ticked a box of a form.
        Form => "form",
        /// A person or a program with access wrote it down.
        Api => "api",
        /// The lead followed the link at the end of a mail.
        Unsubscribe => "unsubscribe",
        /// Whoever imported the lead said that it had agreed.
        Import => "import",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Consent {
    pub id: ConsentId,
    pub lead_id: LeadId,
    pub purpose: Purpose,
    pub decision: ConsentDecision,
    /// Exactly what the lead was shown, whatever the form says today. Null when nothing was, as with a withdrawal by link.
    pub text: Option<String>,
    pub source: ConsentSource,
    /// The form may be gone by now.
    pub form_id: Option<FormId>,
    /// The submission may be gone by now.
    pub submission_id: Option<SubmissionId>,
    /// The import, which tells how the consent can be shown.
    pub import_id: Option<ImportId>,
    /// Who wrote it down; null when the lead did it.
    pub recorded_by: Option<UserId>,
    /// Of a double opt-in: the proof. Null for what was said once.
    pub confirmation: Option<Confirmation>,
    pub created_at: DateTime<Utc>,
}

/// Every condition that is set must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConsentFilter {
    pub purpose: Option<Purpose>,
    /// The newest decision of each purpose only, or the newest question where there is none: what counts now.
    pub current: bool,
}

crate::sort_fields! {
    /// How consents can be ordered.
    ConsentSort { CreatedAt => "created_at": Time }
}

/// What is wrong with a text that is to be kept word by word: it is not trimmed.
pub fn check_text(problems: &mut Problems, field: &str, text: &str) {
    problems.check(!text.trim().is_empty(), field, "must not be empty");
    problems.text(field, text, MAX_TEXT);
}
