//! What callers send, and what they get.

use chrono::{DateTime, Utc};
use groundswell_domain::JobId;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// Whoever has this mail address, as a lead or not.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewErasure {
    #[cfg_attr(feature = "openapi", schema(format = "email"))]
    pub email: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeleteAccount {
    /// Required of everybody who has one.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = "password"))]
    pub password: Option<SecretString>,
    /// Required of the only person of an organization, with which everything in it goes.
    #[serde(default)]
    pub delete_organization: bool,
}

/// A file that is being made.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportStarted {
    pub job_id: JobId,
    #[cfg_attr(feature = "openapi", schema(example = "pending"))]
    pub status: &'static str,
    pub created_at: DateTime<Utc>,
    /// When to ask again, in seconds.
    pub retry_after: u32,
}
