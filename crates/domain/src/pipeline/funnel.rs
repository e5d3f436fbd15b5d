//! How far leads get.

use super::interval::{Share, wilson};
use super::set::{Counted, LeadSet};
use crate::leads::LeadStage;
use serde::Serialize;

/// One step of the way.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FunnelStage {
    pub stage: LeadStage,
    /// Got at least here, wherever they are now.
    pub reached: Counted,
    /// Are here now.
    pub here: Counted,
    /// Of those that reached the stage before.
    pub of_previous: Share,
    /// Of all.
    pub of_all: Share,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Funnel {
    pub total: Counted,
    /// From new to converted.
    pub stages: Vec<FunnelStage>,
    /// Given up, wherever they were then.
    pub disqualified: Counted,
}

/// How many leads got to `furthest` and are at `stage`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageCount {
    pub furthest: LeadStage,
    pub stage: LeadStage,
    pub leads: i64,
}

impl Funnel {
    pub fn new(set: &LeadSet, counts: &[StageCount]) -> Self {
        let sum = |matches: &dyn Fn(&StageCount) -> bool| -> i64 {
            counts.iter().filter(|c| matches(c)).map(|c| c.leads).sum()
        };
        let total = sum(&|_| true);
        let mut before = total;
        let way = LeadStage::ALL
            .iter()
            .copied()
            .filter(|stage| stage.rank().is_some());
        let stages = way
            .map(|stage| {
                let reached = sum(&|c| c.furthest.rank() >= stage.rank());
                let step = FunnelStage {
                    stage,
                    reached: LeadSet {
                        reached: Some(stage),
                        ..set.clone()
                    }
                    .counted(reached),
                    here: at(set, stage).counted(sum(&|c| c.stage == stage)),
                    of_previous: wilson(reached, before),
                    of_all: wilson(reached, total),
                };
                before = reached;
                step
            })
            .collect();
        let given_up = sum(&|c| c.stage == LeadStage::Disqualified);
        Self {
            total: set.counted(total),
            stages,
            disqualified: at(set, LeadStage::Disqualified).counted(given_up),
        }
    }
}

fn at(set: &LeadSet, stage: LeadStage) -> LeadSet {
    LeadSet {
        stage: Some(stage),
        ..set.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_counts_those_who_went_on() {
        use LeadStage::{Converted, Disqualified, New, Opportunity, Qualified};
        let count = |furthest, stage, leads| StageCount {
            furthest,
            stage,
            leads,
        };
        let funnel = Funnel::new(
            &LeadSet::default(),
            &[
                count(New, New, 10),
                count(New, Disqualified, 5),
                count(Qualified, Qualified, 3),
                count(Opportunity, Disqualified, 1),
                count(Converted, Converted, 1),
            ],
        );
        let reached: Vec<_> = funnel.stages.iter().map(|step| step.reached.count).collect();
        assert_eq!(reached, [20, 5, 5, 2, 1]);
        let here: Vec<_> = funnel.stages.iter().map(|step| step.here.count).collect();
        assert_eq!(here, [10, 0, 3, 0, 1]);
        assert_eq!(funnel.disqualified.count, 6);
        assert_eq!(funnel.stages[3].of_previous.value, Some(0.4));
        assert!(funnel.stages[3].reached.leads.ends_with("reached=opportunity"));
    }
}
