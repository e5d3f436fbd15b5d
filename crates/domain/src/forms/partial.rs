//! What somebody typed and did not send, if the organization keeps it and says so beside the form.
//!
//! It is nobody's lead: nothing is scored, nobody is written to, and it goes after thirty days or with the submission.

use crate::email::EmailAddress;
use crate::ids::{FormId, PartialId};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

/// How long unfinished answers are kept.
pub const PARTIAL_LIFE: TimeDelta = TimeDelta::days(30);

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PartialSubmission {
    pub id: PartialId,
    pub form_id: FormId,
    /// Made by the page, once each time that it is opened.
    #[serde(skip)]
    pub session: Uuid,
    pub email: EmailAddress,
    /// The form's fields that were filled in so far.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub answers: Map<String, Value>,
    /// The field that was used last.
    pub last_field: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

crate::sort_fields! {
    /// How unfinished submissions can be ordered.
    PartialSort { UpdatedAt => "updated_at": Time, CreatedAt => "created_at": Time }
}
