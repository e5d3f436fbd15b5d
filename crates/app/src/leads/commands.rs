//! What callers send, and what they get.

use groundswell_domain::leads::{Detected, ImportConsent, LeadStage, LeadStatus, OnExisting, Tags, Utm};
use groundswell_domain::money::MoneyInput;
use groundswell_domain::{ClientId, ImportId, JobId, Patch};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A whole lead, to create or to replace one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewLead {
    #[serde(default)]
    pub name: String,
    #[cfg_attr(feature = "openapi", schema(format = "email"))]
    pub email: String,
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub company: Option<String>,
    #[serde(default)]
    pub title: Option<String>,
    /// How it came in; `manual` when absent.
    #[serde(default)]
    pub source: Option<String>,
    /// The coarser word for the stage; goes without saying where `stage` is given.
    #[serde(default)]
    pub status: Option<LeadStatus>,
    #[serde(default)]
    pub stage: Option<LeadStage>,
    #[serde(default)]
    pub tags: Tags,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub custom_fields: Map<String, Value>,
    #[serde(default)]
    pub utm: Option<Utm>,
    #[serde(default)]
    pub client_id: Option<ClientId>,
    /// What the deal is worth.
    #[serde(default)]
    pub value: Option<MoneyInput>,
    /// Why it converted or was given up, in up to 100 characters; only with such a stage.
    #[serde(default)]
    pub outcome_reason: Option<String>,
}

/// Changes of a lead; what is absent stays, null clears.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeadPatch {
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub name: Patch<String>,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub phone: Patch<String>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub company: Patch<String>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub title: Patch<String>,
    #[serde(default)]
    pub source: Option<String>,
    /// The coarser word for the stage; goes without saying where `stage` is given.
    #[serde(default)]
    pub status: Option<LeadStatus>,
    #[serde(default)]
    pub stage: Option<LeadStage>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>))]
    pub tags: Patch<Tags>,
    /// Replaces single keys: a null takes the key away, the others stay.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub custom_fields: Patch<Map<String, Value>>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<ClientId>))]
    pub client_id: Patch<ClientId>,
    /// What the deal is worth.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<MoneyInput>))]
    pub value: Patch<MoneyInput>,
    /// Why it converted or was given up, in up to 100 characters; only with such a stage.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub outcome_reason: Patch<String>,
}

/// What is known of a file before it comes.
#[derive(Debug, Clone, Default)]
pub struct IncomingFile {
    pub file_name: String,
    /// Found out when absent.
    pub encoding: Option<String>,
    /// Of a spreadsheet; the first one when absent.
    pub sheet: Option<String>,
}

/// What is to be done with it.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// Column → lead field; columns that are not named are matched by their name.
    pub mapping: BTreeMap<String, String>,
    pub dry_run: bool,
    /// Put on every lead of the file.
    pub tags: Tags,
    /// Found out when absent.
    pub delimiter: Option<String>,
    /// Whether the first line names the columns; found out when absent.
    pub header: Option<bool>,
    pub on_existing: OnExisting,
    pub consent: Option<ImportConsent>,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self {
            mapping: BTreeMap::new(),
            dry_run: false,
            tags: Tags::default(),
            delimiter: None,
            header: None,
            on_existing: OnExisting::Overwrite,
            consent: None,
        }
    }
}

/// What an import would make of a file.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportPreview {
    pub detected: Detected,
    pub columns: Vec<PreviewColumn>,
    /// Why the file can't be imported like this; null when it can.
    pub problem: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewColumn {
    /// Its name in the file, or `column_1` and so on.
    pub column: String,
    /// What it would fill: a field as in `mapping`.
    pub field: String,
    /// How sure that is, from 0 to 1.
    pub confidence: f32,
    /// Up to five different cells of it.
    pub samples: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportStarted {
    pub import_id: ImportId,
    pub job_id: JobId,
}
