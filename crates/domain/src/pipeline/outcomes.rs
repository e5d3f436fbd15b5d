//! Why deals were won and lost.

use super::funnel::StageCount;
use super::set::{Counted, LeadSet};
use crate::leads::LeadStage;
use crate::money::Money;
use serde::Serialize;

crate::text_enum::text_enum! {
    /// How it ended.
    Outcome { Won => "won", Lost => "lost" }
}

impl Outcome {
    pub fn stage(self) -> LeadStage {
        match self {
            Self::Won => LeadStage::Converted,
            Self::Lost => LeadStage::Disqualified,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutcomeReason {
    /// Absent where nobody said.
    pub reason: Option<String>,
    pub leads: Counted,
    /// Of all that ended this way, 0.0 to 1.0.
    pub share: f64,
    /// The sum of those whose value is known in the organization's currency.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::money::ShownMoney>))]
    pub value: Option<Money>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutcomeReport {
    pub won: Counted,
    pub lost: Counted,
    /// The most frequent first; at most 50.
    pub won_reasons: Vec<OutcomeReason>,
    pub lost_reasons: Vec<OutcomeReason>,
}

/// Leads that ended one way for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeCount {
    pub outcome: Outcome,
    pub reason: Option<String>,
    pub leads: i64,
    /// Minor units of the organization's currency.
    pub value: Option<i64>,
}

impl OutcomeReport {
    /// The totals are those of `stages`: of reasons only the most frequent are counted.
    pub fn new(
        set: &LeadSet,
        stages: &[StageCount],
        counts: &[OutcomeCount],
        money: impl Fn(i64) -> Money,
    ) -> Self {
        let of = |outcome: Outcome| {
            let set = LeadSet {
                stage: Some(outcome.stage()),
                ..set.clone()
            };
            let mut counts: Vec<_> = counts.iter().filter(|count| count.outcome == outcome).collect();
            counts.sort_by_key(|count| std::cmp::Reverse(count.leads));
            let ended = stages.iter().filter(|count| count.stage == outcome.stage());
            let total: i64 = ended.map(|count| count.leads).sum();
            let reason = |count: &&OutcomeCount| OutcomeReason {
                reason: count.reason.clone(),
                leads: LeadSet {
                    reason: Some(count.reason.clone().unwrap_or_default()),
                    ..set.clone()
                }
                .counted(count.leads),
                #[expect(clippy::cast_precision_loss, reason = "counts of leads are far below 2^52")]
                share: count.leads as f64 / total as f64,
                value: count.value.map(&money),
            };
            let reasons = counts.iter().take(50).map(reason).collect();
            (set.counted(total), reasons)
        };
        let ((won, won_reasons), (lost, lost_reasons)) = (of(Outcome::Won), of(Outcome::Lost));
        Self {
            won,
            lost,
            won_reasons,
            lost_reasons,
        }
    }
}
