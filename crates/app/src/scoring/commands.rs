//! What callers send, and what they get.

use groundswell_domain::leads::{Score, ScoreEntry};
use groundswell_domain::scoring::{ModelStatus, ScoringRule};
use groundswell_domain::{LeadId, Patch, ScoringModelId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A whole model, to create or to replace one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelInput {
    /// 1 to 200 characters.
    pub name: String,
    /// `draft` when absent; of a model that is there, as it is.
    #[serde(default)]
    pub status: Option<ModelStatus>,
    /// True makes its score the lead's `score`, in place of the model that was. It must be active then.
    #[serde(default)]
    pub primary: Option<bool>,
    /// At most 100.
    pub rules: Vec<ScoringRule>,
    /// By kind of rule.
    #[serde(default)]
    pub caps: BTreeMap<String, i32>,
}

/// Changes of a model; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelPatch {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub status: Option<ModelStatus>,
    /// Can only be set to true: then the model that was primary is no more.
    #[serde(default)]
    pub primary: Option<bool>,
    #[serde(default)]
    pub rules: Option<Vec<ScoringRule>>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<BTreeMap<String, i32>>))]
    pub caps: Patch<BTreeMap<String, i32>>,
}

/// What to look at.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewInput {
    /// Instead of the model's own rules.
    #[serde(default)]
    pub rules: Option<Vec<ScoringRule>>,
    /// Instead of the model's own caps.
    #[serde(default)]
    pub caps: Option<BTreeMap<String, i32>>,
    /// Count who would cross this score.
    #[serde(default)]
    pub min_score: Option<i32>,
    /// Leads to look at, 1 to 5,000; 1,000 when absent. An organization with no more has all of them looked at.
    #[serde(default)]
    pub sample: Option<u32>,
}

/// A lead's score and where it comes from.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeadScore {
    pub lead_id: LeadId,
    pub score: Score,
    /// The lines that sum to it, the newest first; at most 200, see `score/entries` for all.
    pub entries: Vec<ScoreEntry>,
    /// Each active model's score of this lead.
    pub models: Vec<ModelScore>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelScore {
    pub model_id: ScoringModelId,
    /// It is the lead's `score`.
    pub primary: bool,
    pub score: Score,
}
