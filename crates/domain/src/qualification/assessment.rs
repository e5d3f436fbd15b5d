//! What comes of looking at a lead.

use super::answer::{SlotAnswer, SlotSource, SlotState};
use super::framework::{Framework, Slot};
use super::stage::StageStep;
use crate::ids::{RuleSetId, UserId};
use chrono::{DateTime, Utc};
use serde::Serialize;

crate::text_enum::text_enum! {
    /// What a framework says of a lead, from the worst to the best.
    QualificationVerdict {
        /// A slot or a gate rules it out.
        Disqualified => "disqualified",
        /// Not enough is known.
        Open => "open",
        Qualified => "qualified",
    }
}

crate::text_enum::text_enum! {
    GateResult {
        Passed => "passed",
        Failed => "failed",
        /// What it asks for is not known of the lead.
        Unknown => "unknown",
    }
}

/// A slot and what is known of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SlotStanding {
    pub slot: Slot,
    pub state: SlotState,
    /// 0 while it is unknown.
    pub confidence: f64,
    pub evidence: Option<String>,
    /// Null while it is unknown.
    pub source: Option<SlotSource>,
    /// The filler that gave the answer, if a rule did.
    pub rule: Option<String>,
    pub answered_by: Option<UserId>,
    pub answered_at: Option<DateTime<Utc>>,
    pub weight: i32,
    pub required: bool,
    pub question: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GateStanding {
    pub gate: String,
    pub result: GateResult,
    /// The fields it asks for, with what is known of each.
    pub why: String,
}

/// What to ask next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NextQuestion {
    pub question: String,
    pub slot: Option<Slot>,
    /// The gate that is not known, if it is about one.
    pub gate: Option<String>,
    pub why: String,
}

/// Where a lead stands by a framework.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Standing {
    pub framework: Framework,
    /// The rules that it was looked at by; null for the framework alone.
    pub rules_id: Option<RuleSetId>,
    pub verdict: QualificationVerdict,
    /// What the verdict rests on, a sentence each.
    pub reasons: Vec<String>,
    /// How much of the slots is known, by weight, from 0 to 1.
    pub coverage: f64,
    pub slots: Vec<SlotStanding>,
    pub gates: Vec<GateStanding>,
    /// Null when there is nothing left to ask, or no point in asking.
    pub next_question: Option<NextQuestion>,
}

/// What is to be written down.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// Answers that rules give, and that are better than what is there.
    pub filled: Vec<SlotAnswer>,
    pub standing: Standing,
    /// Where rules move the lead.
    pub step: Option<StageStep>,
}
