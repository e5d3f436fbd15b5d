//! The next best question: first what a gate waits for, then the slot where an answer is worth most.

use super::answer::SlotState;
use super::assessment::{GateResult, GateStanding, NextQuestion, SlotStanding};
use super::parse::ReadGate;

/// Weight times what is not known of the slot yet.
fn value(slot: &SlotStanding) -> f64 {
    let known = match slot.state {
        SlotState::Unknown => 0.0,
        SlotState::Weak => slot.confidence / 2.0,
        SlotState::Confirmed | SlotState::Disqualifying => 1.0,
    };
    f64::from(slot.weight) * (1.0 - known)
}

pub(super) fn next(
    slots: &[SlotStanding],
    gates: &[ReadGate],
    standings: &[GateStanding],
) -> Option<NextQuestion> {
    let waiting = gates
        .iter()
        .zip(standings)
        .find(|(_, standing)| standing.result == GateResult::Unknown);
    if let Some((gate, standing)) = waiting {
        let of_slot = gate
            .rule
            .slot
            .and_then(|slot| slots.iter().find(|one| one.slot == slot));
        let question = gate
            .rule
            .question
            .clone()
            .or_else(|| of_slot.map(|slot| slot.question.clone()))
            .unwrap_or_else(|| format!("What do we know about this: {}?", standing.why));
        return Some(NextQuestion {
            question,
            slot: gate.rule.slot,
            gate: Some(standing.gate.clone()),
            why: format!("the gate {} can't be decided: {}", standing.gate, standing.why),
        });
    }
    let mut best: Option<(&SlotStanding, f64)> = None;
    for slot in slots {
        let worth = value(slot);
        // Required slots without weight are worth a question, too, if nothing else is.
        let asked = worth > 0.0 || (slot.required && open(slot));
        if asked && open(slot) && best.is_none_or(|(_, most)| worth > most) {
            best = Some((slot, worth));
        }
    }
    best.map(|(slot, _)| NextQuestion {
        question: slot.question.clone(),
        slot: Some(slot.slot),
        gate: None,
        why: format!(
            "{} is {}{}",
            slot.slot,
            if slot.required { "required and " } else { "" },
            if slot.state == SlotState::Weak {
                "only weakly known"
            } else {
                "not known"
            }
        ),
    })
}

fn open(slot: &SlotStanding) -> bool {
    matches!(slot.state, SlotState::Unknown | SlotState::Weak)
}
