//! The slots of a framework with their settings, and what answers say about them together.

use super::answer::{SlotAnswer, SlotState};
use super::assessment::SlotStanding;
use super::framework::{Framework, Slot};
use super::rules::SlotSettings;
use std::collections::BTreeMap;

/// In the framework's order.
#[derive(Debug)]
pub(super) struct Slots(pub Vec<(Slot, SlotSettings)>);

impl Slots {
    pub fn of(framework: Framework, settings: &BTreeMap<Slot, SlotSettings>) -> Self {
        let with = |slot: &Slot| (*slot, settings.get(slot).cloned().unwrap_or_default());
        Self(framework.slots().iter().map(with).collect())
    }

    /// How many are required.
    pub fn required(&self) -> usize {
        self.0.iter().filter(|(_, settings)| settings.required).count()
    }

    /// By weight, from 0 to 1.
    pub fn coverage(&self, answers: &BTreeMap<Slot, SlotAnswer>) -> f64 {
        let (mut known, mut all) = (0.0, 0.0);
        for (slot, settings) in &self.0 {
            let weight = f64::from(settings.weight);
            all += weight;
            known += weight * answers.get(slot).map_or(0.0, SlotAnswer::known);
        }
        if all > 0.0 { known / all } else { 1.0 }
    }

    pub fn standings(&self, answers: &BTreeMap<Slot, SlotAnswer>) -> Vec<SlotStanding> {
        let standing = |(slot, settings): &(Slot, SlotSettings)| {
            let answer = answers.get(slot);
            SlotStanding {
                slot: *slot,
                state: answer.map_or(SlotState::Unknown, |answer| answer.state),
                confidence: answer.map_or(0.0, |answer| answer.confidence),
                evidence: answer.and_then(|answer| answer.evidence.clone()),
                source: answer.map(|answer| answer.source),
                rule: answer.and_then(|answer| answer.rule.clone()),
                answered_by: answer.and_then(|answer| answer.answered_by),
                answered_at: answer.map(|answer| answer.answered_at),
                weight: settings.weight,
                required: settings.required,
                question: settings
                    .question
                    .clone()
                    .unwrap_or_else(|| slot.question().to_owned()),
            }
        };
        self.0.iter().map(standing).collect()
    }
}
