//! Rules of qualification, as an operator writes them.

use super::answer::SlotState;
use super::assessment::QualificationVerdict;
use super::framework::{Framework, Slot};
use super::run::QualificationRun;
use crate::error::FieldError;
use crate::ids::RuleSetId;
use crate::leads::LeadStage;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Most gates, fillers and stage rules each.
pub const MOST_RULES: usize = 50;
/// Highest weight of a slot.
pub const MOST_WEIGHT: i32 = 100;

/// How much a slot matters. A slot that rules don't name is required and weighs 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SlotSettings {
    /// 0 to 100; 1 when absent.
    #[serde(default = "one")]
    pub weight: i32,
    /// Nobody is qualified without it; true when absent.
    #[serde(default = "yes")]
    pub required: bool,
    /// What to ask, in place of our own words; up to 500 characters.
    #[serde(default)]
    pub question: Option<String>,
}

impl Default for SlotSettings {
    fn default() -> Self {
        Self {
            weight: 1,
            required: true,
            question: None,
        }
    }
}

fn one() -> i32 {
    1
}

fn yes() -> bool {
    true
}

fn likely() -> f64 {
    0.7
}

/// What a lead must be. One that is not is disqualified; one of whom it is not known is not qualified yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Gate {
    /// Lower-case letters, digits, `_` and `-`, 1 to 60 of them; unique among the gates.
    pub name: String,
    /// A condition about the lead: see `docs/scoring.md`.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub require: Map<String, Value>,
    /// The slot that it belongs to: whose question to ask while the gate is not known.
    #[serde(default)]
    pub slot: Option<Slot>,
    /// What to ask while it is not known.
    #[serde(default)]
    pub question: Option<String>,
}

/// Fills a slot by what is known of a lead or by what it did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SlotFiller {
    /// Lower-case letters, digits, `_` and `-`, 1 to 60 of them; unique among the fillers.
    pub name: String,
    pub slot: Slot,
    /// Anything but `unknown`.
    pub state: SlotState,
    /// 0 to 1; 0.7 when absent.
    #[serde(default = "likely")]
    pub confidence: f64,
    /// A condition about the lead, or (with `event`) about something that happened: see `docs/scoring.md`.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub when: Map<String, Value>,
    /// What to show as evidence, in place of what was found; up to 500 characters.
    #[serde(default)]
    pub evidence: Option<String>,
}

/// Moves a lead on when all of it holds; at least one condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StageRule {
    /// Lower-case letters, digits, `_` and `-`, 1 to 60 of them; unique among the stage rules. The timeline carries it.
    pub name: String,
    /// Anything but `new`.
    pub to: LeadStage,
    #[serde(default)]
    pub verdict: Option<QualificationVerdict>,
    #[serde(default)]
    pub min_score: Option<i32>,
    #[serde(default)]
    pub min_fit: Option<i32>,
    #[serde(default)]
    pub min_engagement: Option<i32>,
    /// 0 to 1.
    #[serde(default)]
    pub min_coverage: Option<f64>,
    /// A condition about the lead, or (with `event`) that something happened: see `docs/scoring.md`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub when: Option<Map<String, Value>>,
}

/// Rules that work together. One set of an organization at most is enabled.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleSet {
    pub id: RuleSetId,
    pub name: String,
    pub enabled: bool,
    pub framework: Framework,
    pub slots: BTreeMap<Slot, SlotSettings>,
    /// How many of the required slots may be `weak` for a lead to be qualified.
    pub weak_allowed: i32,
    pub gates: Vec<Gate>,
    pub fillers: Vec<SlotFiller>,
    pub stages: Vec<StageRule>,
    /// The newest look at all leads, which a change of the enabled rules begins; null when there was none.
    pub run: Option<QualificationRun>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
}

impl RuleSet {
    /// What is wrong with it, with the path to each mistake.
    pub fn mistakes(&self) -> Vec<FieldError> {
        super::Qualifier::new(self).err().unwrap_or_default()
    }

    /// Whether it decides the same as the other one.
    pub fn decides_like(&self, other: &Self) -> bool {
        self.framework == other.framework
            && self.slots == other.slots
            && self.weak_allowed == other.weak_allowed
            && self.gates == other.gates
            && self.fillers == other.fillers
            && self.stages == other.stages
    }
}

crate::sort_fields! {
    /// How rules can be ordered.
    RuleSetSort { CreatedAt => "created_at": Time, Name => "name": Text }
}
