//! Reads rules, naming the path to each mistake. Conditions are those of scoring, in the same language.

use super::SlotState;
use super::framework::Slot;
use super::rules::{Gate, MOST_RULES, MOST_WEIGHT, RuleSet, SlotFiller, StageRule};
use super::slots::Slots;
use crate::error::FieldError;
use crate::leads::{LeadEvent, LeadStage};
use crate::scoring::{Condition, EventCondition, LeadFacts, NAME, Reader, is_name};
use serde_json::{Map, Value};
use std::collections::HashSet;

/// Longest question or evidence of a rule.
const LONGEST: usize = 500;

/// Either about a lead or about something that happened to it.
#[derive(Debug)]
pub(super) enum When {
    Lead(Condition),
    Event(EventCondition),
}

impl When {
    fn read(at: &str, when: &Map<String, Value>, problems: &mut Vec<FieldError>) -> Option<Self> {
        let mut reader = Reader::new(problems);
        if when.contains_key("event") {
            return reader.event(at, when).map(Self::Event);
        }
        reader.condition(at, when, 1).map(Self::Lead)
    }

    /// The first event that makes it true.
    pub fn first<'a>(&self, lead: &LeadFacts<'_>, events: &'a [LeadEvent]) -> Option<&'a LeadEvent> {
        let Self::Event(wanted) = self else { return None };
        if wanted
            .lead
            .as_ref()
            .is_some_and(|condition| !condition.holds(lead))
        {
            return None;
        }
        let hits = events.iter().filter(|event| wanted.hit(event));
        hits.min_by_key(|event| (event.occurred_at, event.id))
    }

    pub fn holds(&self, lead: &LeadFacts<'_>, events: &[LeadEvent]) -> bool {
        match self {
            Self::Lead(condition) => condition.holds(lead),
            Self::Event(_) => self.first(lead, events).is_some(),
        }
    }
}

#[derive(Debug)]
pub(super) struct ReadGate {
    pub rule: Gate,
    pub require: Condition,
}

#[derive(Debug)]
pub(super) struct ReadFiller {
    pub rule: SlotFiller,
    pub when: When,
}

#[derive(Debug)]
pub(super) struct ReadStage {
    pub rule: StageRule,
    pub when: Option<When>,
}

/// A rule set that was understood.
#[derive(Debug)]
pub(super) struct Read {
    pub slots: Slots,
    pub gates: Vec<ReadGate>,
    pub fillers: Vec<ReadFiller>,
    pub stages: Vec<ReadStage>,
}

struct Mistakes(Vec<FieldError>);

impl Mistakes {
    fn check(&mut self, ok: bool, at: impl Into<String>, message: impl Into<String>) {
        if !ok {
            self.0.push(FieldError::new(at, message));
        }
    }

    fn text(&mut self, at: String, text: Option<&String>) {
        let fine =
            |text: &String| (1..=LONGEST).contains(&text.trim().chars().count()) && !text.contains('\0');
        self.check(
            text.is_none_or(fine),
            at,
            format!("must have 1 to {LONGEST} characters, and no NUL among them"),
        );
    }

    fn slot(&mut self, at: String, rules: &RuleSet, slot: Option<Slot>) {
        if let Some(Err(message)) = slot.map(|slot| rules.framework.check(slot)) {
            self.check(false, at, message);
        }
    }

    fn names<'a>(&mut self, list: &str, names: impl ExactSizeIterator<Item = &'a String>) {
        self.check(
            names.len() <= MOST_RULES,
            list,
            format!("there can be at most {MOST_RULES}"),
        );
        let mut taken = HashSet::new();
        for (index, name) in names.enumerate().take(MOST_RULES) {
            let at = format!("{list}[{index}].name");
            self.check(is_name(name), at.as_str(), NAME);
            self.check(
                taken.insert(name),
                at,
                format!("is taken by another one of `{list}`"),
            );
        }
    }
}

fn unit(value: f64) -> bool {
    (0.0..=1.0).contains(&value)
}

pub(super) fn read(rules: &RuleSet) -> Result<Read, Vec<FieldError>> {
    let mut mistakes = Mistakes(Vec::new());
    mistakes.names("gates", rules.gates.iter().map(|rule| &rule.name));
    mistakes.names("fillers", rules.fillers.iter().map(|rule| &rule.name));
    mistakes.names("stages", rules.stages.iter().map(|rule| &rule.name));
    for (slot, settings) in &rules.slots {
        mistakes.slot(format!("slots.{slot}"), rules, Some(*slot));
        mistakes.check(
            (0..=MOST_WEIGHT).contains(&settings.weight),
            format!("slots.{slot}.weight"),
            format!("must be 0 to {MOST_WEIGHT}"),
        );
        mistakes.text(format!("slots.{slot}.question"), settings.question.as_ref());
    }
    let slots = Slots::of(rules.framework, &rules.slots);
    let required = slots.required();
    mistakes.check(required > 0, "slots", "at least one slot must be required");
    mistakes.check(
        usize::try_from(rules.weak_allowed).is_ok_and(|allowed| allowed <= rules.framework.slots().len()),
        "weak_allowed",
        format!("must be 0 to {}", rules.framework.slots().len()),
    );
    let (mut gates, mut fillers, mut stages) = (Vec::new(), Vec::new(), Vec::new());
    for (index, rule) in rules.gates.iter().enumerate().take(MOST_RULES) {
        gates.extend(gate(&format!("gates[{index}]"), rules, rule, &mut mistakes));
    }
    for (index, rule) in rules.fillers.iter().enumerate().take(MOST_RULES) {
        fillers.extend(filler(&format!("fillers[{index}]"), rules, rule, &mut mistakes));
    }
    for (index, rule) in rules.stages.iter().enumerate().take(MOST_RULES) {
        stages.extend(stage(&format!("stages[{index}]"), rule, &mut mistakes));
    }
    if !mistakes.0.is_empty() {
        return Err(mistakes.0);
    }
    Ok(Read {
        slots,
        gates,
        fillers,
        stages,
    })
}

fn gate(at: &str, rules: &RuleSet, rule: &Gate, mistakes: &mut Mistakes) -> Option<ReadGate> {
    mistakes.slot(format!("{at}.slot"), rules, rule.slot);
    mistakes.text(format!("{at}.question"), rule.question.as_ref());
    let require = Reader::new(&mut mistakes.0).condition(&format!("{at}.require"), &rule.require, 1)?;
    Some(ReadGate {
        rule: rule.clone(),
        require,
    })
}

fn filler(at: &str, rules: &RuleSet, rule: &SlotFiller, mistakes: &mut Mistakes) -> Option<ReadFiller> {
    mistakes.slot(format!("{at}.slot"), rules, Some(rule.slot));
    mistakes.check(
        rule.state != SlotState::Unknown,
        format!("{at}.state"),
        "must be weak, confirmed or disqualifying: a rule can't make a slot unknown",
    );
    mistakes.check(
        unit(rule.confidence),
        format!("{at}.confidence"),
        "must be 0 to 1",
    );
    mistakes.text(format!("{at}.evidence"), rule.evidence.as_ref());
    let when = When::read(&format!("{at}.when"), &rule.when, &mut mistakes.0)?;
    Some(ReadFiller {
        rule: rule.clone(),
        when,
    })
}

fn stage(at: &str, rule: &StageRule, mistakes: &mut Mistakes) -> Option<ReadStage> {
    mistakes.check(
        rule.to != LeadStage::New,
        format!("{at}.to"),
        "can't be new: rules only move leads on",
    );
    mistakes.check(
        rule.min_coverage.is_none_or(unit),
        format!("{at}.min_coverage"),
        "must be 0 to 1",
    );
    let any =
        rule.verdict.is_some() || rule.asks_score() || rule.min_coverage.is_some() || rule.when.is_some();
    mistakes.check(
        any,
        at,
        "must have a condition: verdict, min_score, min_fit, min_engagement, min_coverage or when",
    );
    let when = match &rule.when {
        None => None,
        Some(when) => Some(When::read(&format!("{at}.when"), when, &mut mistakes.0)?),
    };
    Some(ReadStage {
        rule: rule.clone(),
        when,
    })
}
