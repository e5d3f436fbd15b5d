//! A scoring model, as an operator writes it.

use super::run::ScoringRun;
use crate::error::FieldError;
use crate::ids::ScoringModelId;
use crate::leads::Axis;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Most rules of a model.
pub const MOST_RULES: usize = 100;
/// Most points, of either sign, that one hit of a rule gives.
pub const MOST_POINTS: i32 = 1_000;
/// Highest cap, and what a rule without one is capped at.
pub const MOST_TOTAL: i32 = 1_000_000;

crate::text_enum::text_enum! {
    /// Whether a model counts.
    ModelStatus {
        /// Being written; scores nobody.
        Draft => "draft",
        /// Scores every lead.
        Active => "active",
        /// Kept to be looked at; what it gave is taken back.
        Archived => "archived",
    }
}

/// When to give how many points.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScoringRule {
    /// Lower-case letters, digits, `_` and `-`, 1 to 60 of them; unique in the model. Ledger lines carry it.
    pub name: String,
    pub axis: Axis,
    /// Of `fit` a condition about the lead, of `engagement` one about an event: see `docs/scoring.md`.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub when: Map<String, Value>,
    /// Points of one hit, -1,000 to 1,000, not 0.
    pub points: i32,
    /// Days after which a hit counts half; without it hits count for good. Only of `engagement`, 1 to 3,650.
    #[serde(default)]
    pub half_life_days: Option<i32>,
    /// The rule gives at most so many points, of either sign. Only of `engagement`.
    #[serde(default)]
    pub cap: Option<i32>,
    /// Which of the model's `caps` it falls under; the kind of its (first) event when absent. Only of `engagement`.
    #[serde(default)]
    pub kind: Option<String>,
    /// Hits that count on one day (UTC), the first ones. Only of `engagement`.
    #[serde(default)]
    pub max_per_day: Option<i32>,
}

/// Rules that are applied together, and give a score of their own.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScoringModel {
    pub id: ScoringModelId,
    pub name: String,
    pub status: ModelStatus,
    /// Its score is the lead's `score`. One active model of an organization always is.
    pub primary: bool,
    pub rules: Vec<ScoringRule>,
    /// The rules of a kind together give at most so many points, of either sign.
    pub caps: BTreeMap<String, i32>,
    /// Counts the changes of rules and caps. Ledger lines carry the one that gave them.
    pub revision: i32,
    /// The newest computation of all leads' scores, which a change of an active model begins; null when there was none.
    pub run: Option<ScoringRun>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
}

impl ScoringModel {
    /// What is wrong with its rules and caps, with the path to each mistake.
    pub fn mistakes(&self) -> Vec<FieldError> {
        super::Scorer::new(self).err().unwrap_or_default()
    }
}

crate::sort_fields! {
    /// How models can be ordered.
    ModelSort { CreatedAt => "created_at": Time, Name => "name": Text }
}
