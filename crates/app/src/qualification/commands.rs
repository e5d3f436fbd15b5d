//! What callers send, and what they get.

use chrono::{DateTime, Utc};
use groundswell_domain::LeadId;
use groundswell_domain::leads::LeadStage;
use groundswell_domain::money::{Currency, MoneyInput};
use groundswell_domain::qualification::{
    Framework, Gate, Slot, SlotFiller, SlotSettings, SlotState, StageHold, StageRule, Standing,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whole rules, to create or to replace some.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleSetInput {
    /// 1 to 200 characters.
    pub name: String,
    /// True lets them move leads, in place of the rules that did. False when absent; of rules that are there, as it is.
    #[serde(default)]
    pub enabled: Option<bool>,
    pub framework: Framework,
    /// By slot of the framework; a slot that is not named is required and weighs 1.
    #[serde(default)]
    pub slots: BTreeMap<Slot, SlotSettings>,
    /// How many of the required slots may be `weak` for a lead to be qualified.
    #[serde(default)]
    pub weak_allowed: i32,
    /// At most 50.
    #[serde(default)]
    pub gates: Vec<Gate>,
    /// At most 50.
    #[serde(default)]
    pub fillers: Vec<SlotFiller>,
    /// At most 50.
    #[serde(default)]
    pub stages: Vec<StageRule>,
}

/// Changes of rules; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleSetPatch {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub enabled: Option<bool>,
    #[serde(default)]
    pub framework: Option<Framework>,
    #[serde(default)]
    pub slots: Option<BTreeMap<Slot, SlotSettings>>,
    #[serde(default)]
    pub weak_allowed: Option<i32>,
    #[serde(default)]
    pub gates: Option<Vec<Gate>>,
    #[serde(default)]
    pub fillers: Option<Vec<SlotFiller>>,
    #[serde(default)]
    pub stages: Option<Vec<StageRule>>,
}

/// What to look at.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RulesPreviewInput {
    /// Each of these instead of the rules' own.
    #[serde(default)]
    pub slots: Option<BTreeMap<Slot, SlotSettings>>,
    #[serde(default)]
    pub weak_allowed: Option<i32>,
    #[serde(default)]
    pub gates: Option<Vec<Gate>>,
    #[serde(default)]
    pub fillers: Option<Vec<SlotFiller>>,
    #[serde(default)]
    pub stages: Option<Vec<StageRule>>,
    /// Leads to look at, 1 to 5,000; 1,000 when absent. An organization with no more has all of them looked at.
    #[serde(default)]
    pub sample: Option<u32>,
}

/// What somebody found out about a lead.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QualifyInput {
    /// That of the enabled rules when absent; `bant` when there are none.
    #[serde(default)]
    pub framework: Option<Framework>,
    /// At most one for each slot. Without any the lead is just looked at again.
    #[serde(default)]
    pub answers: Vec<AnswerInput>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AnswerInput {
    pub slot: Slot,
    /// `unknown` takes an answer back, and gives the slot to the rules again.
    pub state: SlotState,
    /// What it is founded on, in up to 2,000 characters.
    #[serde(default)]
    pub evidence: Option<String>,
    /// How sure it is, from 0 to 1; 1 when absent.
    #[serde(default)]
    pub confidence: Option<f64>,
}

/// A person knows better.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StageInput {
    /// Where the lead goes, or the stage where it is.
    pub stage: LeadStage,
    /// Why, in 1 to 500 characters.
    pub reason: String,
    /// Rules leave the stage alone until it is set with false; true when absent.
    #[serde(default)]
    pub hold: Option<bool>,
}

/// The lead became a customer.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConvertInput {
    /// What the deal is worth; as it is when absent.
    #[serde(default)]
    pub value: Option<MoneyInput>,
    /// Of a value that is a bare number; the organization's when absent.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub currency: Option<Currency>,
    /// Why it was won, in up to 100 characters.
    #[serde(default)]
    pub reason: Option<String>,
    /// When it was; now when absent.
    #[serde(default)]
    pub occurred_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NoteInput {
    /// 1 to 10,000 characters.
    pub text: String,
}

/// Where a lead stands, and why.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Qualification {
    pub lead_id: LeadId,
    /// Where it was before this request.
    pub stage_before: LeadStage,
    pub stage: LeadStage,
    pub stage_since: DateTime<Utc>,
    /// Where it can go from here.
    pub next_stages: Vec<LeadStage>,
    /// The stage rule that moved it just now, if one did.
    pub moved_by: Option<String>,
    /// Whoever set the stage by hand, so that rules leave it alone; null when they don't.
    pub hold: Option<StageHold>,
    #[serde(flatten)]
    pub standing: Standing,
}
