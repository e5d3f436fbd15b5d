//! API keys: how a program acts for a person, with fewer rights.

use super::permission::Permission;
use crate::ids::{ApiKeyId, UserId};
use chrono::{DateTime, Utc};
use serde::Serialize;

/// A key as it is shown after its creation: never the secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub user_id: UserId,
    pub name: String,
    /// The recognizable start of the key, for example `gsk_3f9aQ2xY`.
    pub prefix: String,
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, example = json!(["leads:read"])))]
    pub scopes: Vec<Permission>,
    pub expires_at: Option<DateTime<Utc>>,
    /// To within a minute.
    pub last_used_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// What is kept to check a key: a hash. Keys have 256 random bits, so a plain SHA-256 is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyCredentials {
    pub key: ApiKey,
    pub secret_hash: Vec<u8>,
}
