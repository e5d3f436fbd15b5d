//! What callers send, and what they get.

use chrono::{DateTime, Utc};
use groundswell_domain::identity::{ApiKey, Organization, Permission, User};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// A new organization with its first person.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewAccount {
    #[cfg_attr(feature = "openapi", schema(example = "ada@example.com"))]
    pub email: String,
    /// 8 to 200 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "password", min_length = 8, max_length = 200))]
    pub password: SecretString,
    pub name: String,
    pub organization_name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Login {
    pub email: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "password"))]
    pub password: SecretString,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefreshToken {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub refresh_token: SecretString,
}

/// The machine someone signs in from, as far as it tells.
#[derive(Debug, Clone, Default)]
pub struct Device {
    pub user_agent: Option<String>,
    pub ip: Option<String>,
}

/// The tokens of a session. Shown once, never stored.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedIn {
    pub access_token: String,
    pub refresh_token: String,
    #[cfg_attr(feature = "openapi", schema(example = "bearer"))]
    pub token_type: &'static str,
    /// Life of the access token, in seconds.
    pub expires_in: i64,
    pub user: User,
    pub organization: Organization,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewApiKey {
    pub name: String,
    /// What the key may do; never more than its owner may.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, example = json!(["leads:read", "leads:write"])))]
    pub scopes: Vec<Permission>,
    /// At most a year ahead; without it the key does not expire.
    #[serde(default)]
    pub expires_at: Option<DateTime<Utc>>,
}

/// A new key: the only answer that has its text.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedApiKey {
    #[serde(flatten)]
    pub key: ApiKey,
    /// Keep it: it is not shown again.
    pub api_key: String,
}
