//! What callers send, and what they get.

use groundswell_domain::leads::{OnExisting, SourceAuth, SourceKind, Tags};
use groundswell_domain::{JobId, SourceId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A whole source, to create or to replace one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewLeadSource {
    /// 1 to 200 characters.
    pub name: String,
    pub kind: SourceKind,
    /// Begins with `https://`. Of a `groundswell`: where it is, without a path of the API.
    pub url: String,
    #[serde(default)]
    pub auth: SourceAuth,
    /// Of a `json_url`: a JSON pointer (RFC 6901) to the array of records; the whole answer when absent.
    #[serde(default)]
    pub pointer: Option<String>,
    /// Of a `json_url`: a JSON pointer to the address of the next page, which must be of the same server.
    #[serde(default)]
    pub next_pointer: Option<String>,
    /// Of a `json_url`: the parameter that is given the time of the last successful sync, less five minutes.
    #[serde(default)]
    pub since_parameter: Option<String>,
    /// Column or key → lead field, as in an import. A key that begins with `/` is a JSON pointer into the record.
    #[serde(default)]
    pub mapping: BTreeMap<String, String>,
    /// Put on every lead.
    #[serde(default)]
    pub tags: Tags,
    /// `overwrite` when absent.
    #[serde(default)]
    pub on_existing: Option<OnExisting>,
}

/// Which sources to pull from.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SyncLeads {
    /// All when absent; at most 100.
    #[serde(default)]
    pub source_ids: Vec<SourceId>,
    /// Only those of this kind.
    #[serde(default)]
    pub kind: Option<SourceKind>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SyncStarted {
    pub sources: Vec<SyncedSource>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SyncedSource {
    pub source_id: SourceId,
    pub job_id: JobId,
}
