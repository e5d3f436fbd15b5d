//! What callers send.

use groundswell_domain::{ClientId, Patch};
use serde::Deserialize;

/// What mails can be about.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewTopic {
    /// As recipients read it, in 1 to 100 characters.
    pub name: String,
    /// What recipients get, and how often; at most 500 characters.
    #[serde(default)]
    pub description: Option<String>,
    /// The client whose mails it is for; absent: the whole organization's.
    #[serde(default)]
    pub client_id: Option<ClientId>,
}

/// Changes of a topic; what is absent stays, null clears.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TopicPatch {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub description: Patch<String>,
    /// An archived topic is no longer offered, and nothing new can be sent about it.
    #[serde(default)]
    pub archived: Option<bool>,
}
