//! Rules at work.

use super::answer::{SlotAnswer, SlotSource, SlotState, fold};
use super::assessment::{Assessment, GateResult, GateStanding, QualificationVerdict, SlotStanding, Standing};
use super::case::Case;
use super::framework::{Framework, Slot};
use super::parse::{self, Read, ReadFiller, ReadGate, When};
use super::rules::RuleSet;
use super::slots::Slots;
use super::{question, stage};
use crate::error::FieldError;
use crate::ids::RuleSetId;
use crate::leads::{LeadEvent, LeadEventKind};
use crate::scoring::{Condition, LeadFacts};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::BTreeMap;

/// Longest value that is shown as evidence, in characters.
const SHOWN: usize = 200;

/// A framework, with rules or without, ready to be asked about many leads.
#[derive(Debug)]
pub struct Qualifier {
    pub rules: Option<RuleSetId>,
    pub framework: Framework,
    weak_allowed: usize,
    read: Read,
}

impl Qualifier {
    /// The mistakes, with the path to each, when the rules can't be used.
    pub fn new(rules: &RuleSet) -> Result<Self, Vec<FieldError>> {
        Ok(Self {
            rules: Some(rules.id),
            framework: rules.framework,
            weak_allowed: usize::try_from(rules.weak_allowed).unwrap_or_default(),
            read: parse::read(rules)?,
        })
    }

    /// A framework as it is in the books: all slots are required and weigh the same, and nothing moves a lead.
    pub fn plain(framework: Framework) -> Self {
        Self {
            rules: None,
            framework,
            weak_allowed: 0,
            read: Read {
                slots: Slots::of(framework, &BTreeMap::new()),
                gates: Vec::new(),
                fillers: Vec::new(),
                stages: Vec::new(),
            },
        }
    }

    fn conditions(&self) -> impl Iterator<Item = &When> {
        let fillers = self.read.fillers.iter().map(|filler| &filler.when);
        fillers.chain(self.read.stages.iter().filter_map(|stage| stage.when.as_ref()))
    }

    /// Whether it has to know what happened to a lead.
    pub fn asks_events(&self) -> bool {
        self.conditions().any(|when| matches!(when, When::Event(_)))
    }

    /// Whether a change of score alone can move a lead.
    pub fn asks_score(&self) -> bool {
        self.read.stages.iter().any(|stage| stage.rule.asks_score())
    }

    /// Whether leads need be looked at when something like this happened to them. A stage is part of what is known of a lead.
    pub fn concerned(&self, events: &[LeadEvent]) -> bool {
        let asks = |kind: LeadEventKind| {
            kind == LeadEventKind::StageChanged
                || self
                    .conditions()
                    .any(|when| matches!(when, When::Event(wanted) if wanted.kinds.contains(&kind)))
        };
        !events.is_empty() && (self.asks_score() || events.iter().any(|event| asks(event.kind)))
    }

    pub fn assess(&self, case: &Case, now: DateTime<Utc>) -> Assessment {
        let facts = LeadFacts::new(&case.lead);
        let mine = case
            .answers
            .iter()
            .filter(|answer| answer.framework == self.framework);
        let before = fold(mine.cloned());
        let given = self
            .read
            .fillers
            .iter()
            .filter_map(|filler| self.fill(filler, &facts, case, now));
        let answers = fold(before.values().cloned().chain(given));
        let filled = answers
            .iter()
            .filter(|(slot, answer)| before.get(slot) != Some(answer))
            .map(|(_, answer)| answer.clone())
            .collect();
        let gates: Vec<_> = self.read.gates.iter().map(|gate| look(gate, &facts)).collect();
        let slots = self.read.slots.standings(&answers);
        let (verdict, reasons) = self.judge(&slots, &gates);
        let next_question = if verdict == QualificationVerdict::Disqualified {
            None
        } else {
            question::next(&slots, &self.read.gates, &gates)
        };
        let standing = Standing {
            framework: self.framework,
            rules_id: self.rules,
            verdict,
            reasons,
            coverage: self.read.slots.coverage(&answers),
            slots,
            gates,
            next_question,
        };
        let step = stage::step(&self.read.stages, case, &standing);
        Assessment {
            filled,
            standing,
            step,
        }
    }

    fn fill(
        &self,
        filler: &ReadFiller,
        facts: &LeadFacts<'_>,
        case: &Case,
        now: DateTime<Utc>,
    ) -> Option<SlotAnswer> {
        let (source, answered_at, found) = match &filler.when {
            When::Lead(condition) if condition.holds(facts) => {
                (SlotSource::Field, now, described(condition, facts))
            }
            When::Lead(_) => return None,
            When::Event(_) => {
                let event = filler.when.first(facts, &case.events)?;
                let source = match event.kind {
                    LeadEventKind::FormSubmitted | LeadEventKind::OptInConfirmed => SlotSource::Form,
                    _ => SlotSource::Event,
                };
                (source, event.occurred_at, event.kind.to_string())
            }
        };
        Some(SlotAnswer {
            framework: self.framework,
            slot: filler.rule.slot,
            state: filler.rule.state,
            confidence: filler.rule.confidence,
            evidence: Some(filler.rule.evidence.clone().unwrap_or(found)),
            source,
            rule: Some(filler.rule.name.clone()),
            answered_by: None,
            answered_at,
        })
    }

    /// What rules out comes first, then what is missing.
    fn judge(&self, slots: &[SlotStanding], gates: &[GateStanding]) -> (QualificationVerdict, Vec<String>) {
        let with = |state: SlotState| slots.iter().filter(move |slot| slot.state == state);
        let failed = gates.iter().filter(|gate| gate.result == GateResult::Failed);
        let mut out: Vec<String> = with(SlotState::Disqualifying)
            .map(|slot| format!("{} is disqualifying", slot.slot))
            .collect();
        out.extend(failed.map(|gate| format!("the gate {} is not passed: {}", gate.gate, gate.why)));
        if !out.is_empty() {
            return (QualificationVerdict::Disqualified, out);
        }
        let required = |state| with(state).filter(|slot| slot.required);
        let mut missing: Vec<String> = required(SlotState::Unknown)
            .map(|slot| format!("{} is required and not known", slot.slot))
            .collect();
        let weak: Vec<Slot> = required(SlotState::Weak).map(|slot| slot.slot).collect();
        if weak.len() > self.weak_allowed {
            let weak: Vec<_> = weak.iter().map(|slot| slot.as_str()).collect();
            missing.push(format!(
                "known only weakly: {}; {} of the required slots may be",
                weak.join(", "),
                self.weak_allowed
            ));
        }
        let waiting = gates.iter().filter(|gate| gate.result == GateResult::Unknown);
        missing.extend(waiting.map(|gate| format!("the gate {} can't be decided: {}", gate.gate, gate.why)));
        if missing.is_empty() {
            let all = "every required slot is known as it should be, and every gate is passed".to_owned();
            (QualificationVerdict::Qualified, vec![all])
        } else {
            (QualificationVerdict::Open, missing)
        }
    }
}

fn look(gate: &ReadGate, facts: &LeadFacts<'_>) -> GateStanding {
    let result = match gate.require.known(facts) {
        Some(true) => GateResult::Passed,
        Some(false) => GateResult::Failed,
        None => GateResult::Unknown,
    };
    GateStanding {
        gate: gate.rule.name.clone(),
        result,
        why: described(&gate.require, facts),
    }
}

/// The fields that a condition asks for, with what is known of them.
fn described(condition: &Condition, facts: &LeadFacts<'_>) -> String {
    let one = |(field, value): (String, Option<Value>)| match value {
        None => format!("{field} is not known"),
        Some(value) => {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!("{field} is {}", text.chars().take(SHOWN).collect::<String>())
        }
    };
    let all: Vec<_> = condition.fields(facts).into_iter().map(one).collect();
    all.join(", ").chars().take(super::MOST_EVIDENCE).collect()
}
