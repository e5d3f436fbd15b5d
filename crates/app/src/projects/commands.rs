//! What callers send.

use chrono::{DateTime, Utc};
use groundswell_domain::projects::ProjectStatus;
use groundswell_domain::{ClientId, Patch};
use serde::Deserialize;

/// A whole project, to create or to replace one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewProject {
    /// 1 to 200 characters.
    pub name: String,
    #[serde(default)]
    pub client_id: Option<ClientId>,
    #[serde(default)]
    pub description: Option<String>,
    /// `active` when absent.
    #[serde(default)]
    pub status: Option<ProjectStatus>,
    #[serde(default)]
    pub start_date: Option<DateTime<Utc>>,
    #[serde(default)]
    pub end_date: Option<DateTime<Utc>>,
}

/// Changes of a project; what is absent stays, null clears.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProjectPatch {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<ClientId>))]
    pub client_id: Patch<ClientId>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub description: Patch<String>,
    #[serde(default)]
    pub status: Option<ProjectStatus>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<DateTime<Utc>>))]
    pub start_date: Patch<DateTime<Utc>>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<DateTime<Utc>>))]
    pub end_date: Patch<DateTime<Utc>>,
}
