//! API keys: how a program acts for a person, with fewer rights.

use super::ip_range::IpRange;
use super::permission::Permission;
use crate::ids::{ApiKeyId, ClientId, UserId};
use crate::money::Money;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::net::IpAddr;

/// Most address ranges of one key.
pub const MAX_IP_RANGES: usize = 50;

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
    /// The one client whose things the key sees and touches. The key does nothing while the client is inactive, and goes with it.
    pub client_id: Option<ClientId>,
    /// Where it can be used from; when empty, from everywhere.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, example = json!(["203.0.113.0/24"])))]
    pub ip_ranges: Vec<IpRange>,
    /// What it may cost in a month. Kept and shown, and not enforced yet.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::money::ShownMoney>))]
    pub budget: Option<Money>,
    pub expires_at: Option<DateTime<Utc>>,
    /// To within a minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Where it was used from at that moment.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "203.0.113.7"))]
    pub last_used_ip: Option<IpAddr>,
    /// The key that this one was made from by rotation. It may be gone by now.
    pub replaces: Option<ApiKeyId>,
    /// The key that was made from this one by rotation. It may be gone by now.
    pub replaced_by: Option<ApiKeyId>,
    pub created_at: DateTime<Utc>,
}

impl ApiKey {
    /// Whether it can be used from this address. An unknown one is in no range.
    pub fn may_come_from(&self, ip: Option<IpAddr>) -> bool {
        self.ip_ranges.is_empty()
            || ip.is_some_and(|ip| self.ip_ranges.iter().any(|range| range.contains(ip)))
    }

    pub fn has_expired(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }
}

/// What is kept to check a key: a hash. Keys have 256 random bits, so a plain SHA-256 is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyCredentials {
    pub key: ApiKey,
    pub secret_hash: Vec<u8>,
}
