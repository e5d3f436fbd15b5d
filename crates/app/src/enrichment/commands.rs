//! What callers send, and what they get.

use chrono::{DateTime, Utc};
use groundswell_domain::enrichment::{
    CheckOutcome, Confidence, EnrichmentField, EnrichmentSource, EnrichmentValue, Fill, ProviderMethod,
    ProviderSecret,
};
use groundswell_domain::{JobId, LeadId, Patch};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A whole provider, to create or to replace one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewProvider {
    /// 1 to 100 characters.
    pub name: String,
    /// With places for what is known: `{{domain}}`, `{{email}}`, `{{company}}` and `{{name}}`, after the server's name.
    #[cfg_attr(
        feature = "openapi",
        schema(example = "https://api.example.com/companies/{{domain}}")
    )]
    pub url: String,
    /// `GET` when absent.
    #[serde(default)]
    pub method: Option<ProviderMethod>,
    /// At most 20. No place for secrets: everybody who manages providers sees them.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// JSON to post, with places in its texts.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub body: Option<Value>,
    #[serde(default)]
    pub secret: Option<ProviderSecret>,
    /// Field → JSON pointer (RFC 6901) in the answer.
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, String>, example = json!({ "company": "/company/name" })))]
    pub mapping: BTreeMap<EnrichmentField, String>,
    /// Of everything that it says; 0.8 when absent.
    #[serde(default)]
    pub confidence: Option<Confidence>,
    /// 1 to 365; 90 when absent.
    #[serde(default)]
    pub expiry_days: Option<i32>,
    /// 0 to 1000, smaller ones are asked first; 100 when absent.
    #[serde(default)]
    pub position: Option<i32>,
    /// True when absent.
    #[serde(default)]
    pub enabled: Option<bool>,
    /// 1 to 6000; 60 when absent.
    #[serde(default)]
    pub rate_per_minute: Option<i32>,
}

/// Changes of a provider; what is absent stays, null clears.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProviderPatch {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub url: Option<String>,
    #[serde(default)]
    pub method: Option<ProviderMethod>,
    #[serde(default)]
    pub headers: Option<BTreeMap<String, String>>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub body: Patch<Value>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<ProviderSecret>))]
    pub secret: Patch<ProviderSecret>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<BTreeMap<String, String>>))]
    pub mapping: Option<BTreeMap<EnrichmentField, String>>,
    #[serde(default)]
    pub confidence: Option<Confidence>,
    #[serde(default)]
    pub expiry_days: Option<i32>,
    #[serde(default)]
    pub position: Option<i32>,
    #[serde(default)]
    pub enabled: Option<bool>,
    #[serde(default)]
    pub rate_per_minute: Option<i32>,
}

/// Changes of the settings; what is absent stays.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SettingsPatch {
    /// Leads that are added from now on are enriched within a minute or two.
    #[serde(default)]
    pub automatic: Option<bool>,
    /// 0 to 100,000 a day (UTC).
    #[serde(default)]
    pub daily_budget: Option<i32>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnrichmentStarted {
    pub job_id: JobId,
}

/// What was found out about a lead.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeadEnrichment {
    pub lead_id: LeadId,
    /// Everything that has not expired, by field and source.
    pub values: Vec<ValueView>,
    /// Who was asked, in the order of asking.
    pub sources: Vec<SourceCheck>,
    /// The lead's own fields that were filled.
    pub filled: Vec<FilledField>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ValueView {
    #[serde(flatten)]
    pub value: EnrichmentValue,
    /// The one of its field that counts: the surest, then the newest.
    pub best: bool,
    /// The lead has it in a field of its own.
    pub applied: bool,
}

/// How asking a source ended.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceCheck {
    pub source: EnrichmentSource,
    pub outcome: CheckOutcome,
    /// Why it failed.
    pub message: Option<String>,
    pub checked_at: DateTime<Utc>,
    /// Until then it is not asked again.
    pub expires_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FilledField {
    pub field: EnrichmentField,
    #[serde(flatten)]
    pub fill: Fill,
}
