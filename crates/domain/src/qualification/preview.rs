//! Who would move if rules went live.

use super::assessment::QualificationVerdict;
use super::stage::StageStep;
use crate::ids::LeadId;
use crate::leads::LeadStage;
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StagePreview {
    /// Leads of the organization.
    pub leads: i64,
    /// Leads that were looked at: all, or a sample from all times.
    pub sample: usize,
    /// Of the sample, by the verdict that the rules give.
    pub verdicts: VerdictCounts,
    /// Of the sample, those who would move, the most numerous kind of move first.
    pub moves: Vec<StageMove>,
    pub unchanged: usize,
    /// Leads that rules leave alone, because a person set their stage by hand.
    pub held: usize,
    /// Some of those who would move, at most ten of each kind of move.
    pub movers: Vec<StageMover>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VerdictCounts {
    pub qualified: usize,
    pub open: usize,
    pub disqualified: usize,
}

impl VerdictCounts {
    pub fn count(&mut self, verdict: QualificationVerdict) {
        match verdict {
            QualificationVerdict::Qualified => self.qualified += 1,
            QualificationVerdict::Open => self.open += 1,
            QualificationVerdict::Disqualified => self.disqualified += 1,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StageMove {
    pub from: LeadStage,
    pub to: LeadStage,
    pub leads: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StageMover {
    pub lead_id: LeadId,
    pub name: String,
    pub email: String,
    #[serde(flatten)]
    pub step: StageStep,
    pub verdict: QualificationVerdict,
    /// What the verdict rests on.
    pub reasons: Vec<String>,
}
