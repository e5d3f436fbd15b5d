//! One line of the log.

use super::{AuditAction, AuditActor, Target};
use crate::ids::{AuditEntryId, RequestId};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use std::net::IpAddr;

/// Something that happened. Nobody can change it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    pub id: AuditEntryId,
    pub created_at: DateTime<Utc>,
    pub actor: AuditActor,
    #[cfg_attr(feature = "openapi", schema(example = "api_key.created"))]
    pub action: AuditAction,
    /// Null when it was done to no single thing.
    pub target: Option<Target>,
    /// Where it came from; null for background work and the command line.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "203.0.113.7"))]
    pub ip: Option<IpAddr>,
    pub user_agent: Option<String>,
    /// The `X-Request-Id` of the request, also in the program's own log.
    pub request_id: RequestId,
    /// What was changed, as it was.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub before: Option<Value>,
    /// What was changed, as it became.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub after: Option<Value>,
}

crate::sort_fields! {
    /// How the log can be ordered.
    AuditSort { CreatedAt => "created_at": Time }
}
