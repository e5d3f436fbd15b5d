//! Where rules move a lead: forward along the life cycle, never out of a stage that a person holds.

use super::assessment::{QualificationVerdict, Standing};
use super::case::Case;
use super::parse::ReadStage;
use super::rules::StageRule;
use crate::leads::{Lead, LeadStage, Score};
use crate::scoring::LeadFacts;
use serde::Serialize;

/// A move, and the rule that makes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StageStep {
    pub from: LeadStage,
    pub to: LeadStage,
    pub rule: String,
}

impl StageRule {
    pub(super) fn asks_score(&self) -> bool {
        self.min_score.is_some() || self.min_fit.is_some() || self.min_engagement.is_some()
    }

    fn suits(&self, verdict: QualificationVerdict, coverage: f64, score: Score) -> bool {
        let least = |wanted: Option<i32>, given: i32| wanted.is_none_or(|wanted| given >= wanted);
        self.verdict.is_none_or(|wanted| wanted == verdict)
            && self.min_coverage.is_none_or(|wanted| coverage >= wanted)
            && least(self.min_score, score.total)
            && least(self.min_fit, score.fit)
            && least(self.min_engagement, score.engagement)
    }
}

/// How far a move would take a lead; nothing for one that rules may not make. Who is ruled out goes nowhere else.
fn distance(from: LeadStage, to: LeadStage) -> Option<u8> {
    if !from.is_open() || !from.next().contains(&to) {
        return None;
    }
    match to.rank() {
        None => Some(u8::MAX),
        rank => rank.filter(|_| rank > from.rank()),
    }
}

/// A rule may ask for the stage itself, so that one move makes room for another: all of them are one step.
pub(super) fn step(rules: &[ReadStage], case: &Case, standing: &Standing) -> Option<StageStep> {
    if case.hold.is_some() {
        return None;
    }
    let from = case.lead.stage;
    let mut step: Option<StageStep> = None;
    let mut lead: Option<Lead> = None;
    // Each round goes further, and there are no more stages than that.
    for _ in LeadStage::ALL {
        let now = lead.as_ref().unwrap_or(&case.lead);
        let Some((to, rule)) = furthest(rules, now, case, standing) else {
            break;
        };
        step = Some(StageStep {
            from,
            to,
            rule: rule.name.clone(),
        });
        let mut moved = now.clone();
        moved.stage = to;
        moved.status = to.status();
        lead = Some(moved);
    }
    step
}

fn furthest<'a>(
    rules: &'a [ReadStage],
    lead: &Lead,
    case: &Case,
    standing: &Standing,
) -> Option<(LeadStage, &'a StageRule)> {
    let facts = LeadFacts::new(lead);
    let mut found: Option<(u8, &StageRule)> = None;
    for read in rules {
        let rule = &read.rule;
        let Some(far) = distance(lead.stage, rule.to) else {
            continue;
        };
        let better = found.is_none_or(|(most, _)| far > most);
        if better
            && rule.suits(standing.verdict, standing.coverage, lead.score)
            && read
                .when
                .as_ref()
                .is_none_or(|when| when.holds(&facts, &case.events))
        {
            found = Some((far, rule));
        }
    }
    found.map(|(_, rule)| (rule.to, rule))
}
