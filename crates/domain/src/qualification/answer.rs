//! What is known of a slot, and whose word counts more.

use super::framework::{Framework, Slot};
use crate::ids::UserId;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Characters of evidence.
pub const MOST_EVIDENCE: usize = 2_000;

crate::text_enum::text_enum! {
    /// What is known of a slot. In order of how much a rule's word weighs against another rule's.
    SlotState {
        /// Nothing.
        Unknown => "unknown",
        /// There are signs.
        Weak => "weak",
        /// It is as it should be.
        Confirmed => "confirmed",
        /// It is known, and rules the lead out.
        Disqualifying => "disqualifying",
    }
}

crate::text_enum::text_enum! {
    /// Where an answer comes from.
    SlotSource {
        /// A rule, by a field of the lead.
        Field => "field",
        /// A rule, by something that the lead did.
        Event => "event",
        /// A rule, by a form that the lead sent.
        Form => "form",
        /// A program, with an API key.
        Agent => "agent",
        Person => "person",
    }
}

impl SlotSource {
    pub fn is_rule(self) -> bool {
        matches!(self, Self::Field | Self::Event | Self::Form)
    }

    /// Whose word stays when somebody of less weight says something else.
    pub fn weight(self) -> u8 {
        match self {
            Self::Field | Self::Event | Self::Form => 0,
            Self::Agent => 1,
            Self::Person => 2,
        }
    }
}

/// An answer, with what it is founded on. Its state is never `unknown`: a slot without an answer is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SlotAnswer {
    pub framework: Framework,
    pub slot: Slot,
    pub state: SlotState,
    /// How sure it is, from 0 to 1.
    pub confidence: f64,
    pub evidence: Option<String>,
    pub source: SlotSource,
    /// The filler that gave it, of a rule.
    pub rule: Option<String>,
    pub answered_by: Option<UserId>,
    pub answered_at: DateTime<Utc>,
}

impl SlotAnswer {
    /// Which of two answers to the same slot stays: a person's word before a program's before a rule's. Among people (and among
    /// programs) the newest one stays. Among rules the one that says most, so that nothing a rule fills is ever lowered, and of
    /// equal ones the oldest. No two different answers are equal, so the order in which they come does not matter.
    pub fn against(&self, other: &Self) -> Ordering {
        let by_weight = self.source.weight().cmp(&other.source.weight());
        let newest = self.answered_at.cmp(&other.answered_at);
        let said = self
            .state
            .cmp(&other.state)
            .then(self.confidence.total_cmp(&other.confidence));
        let by_time = if self.source.is_rule() {
            said.then(newest.reverse())
        } else {
            newest.then(said)
        };
        by_weight
            .then(by_time)
            .then_with(|| self.evidence.cmp(&other.evidence))
            .then_with(|| self.rule.cmp(&other.rule))
            .then_with(|| self.source.cmp(&other.source))
            .then_with(|| self.answered_by.cmp(&other.answered_by))
    }

    /// How much of the slot is known, from 0 to 1: half for a sign that is sure, and between half and all of it for a certainty,
    /// so that to confirm is never to know less.
    pub fn known(&self) -> f64 {
        match self.state {
            SlotState::Unknown => 0.0,
            SlotState::Weak => self.confidence / 2.0,
            SlotState::Confirmed | SlotState::Disqualifying => f64::midpoint(1.0, self.confidence),
        }
    }
}

/// What stays of all these answers, by slot.
pub fn fold(answers: impl IntoIterator<Item = SlotAnswer>) -> BTreeMap<Slot, SlotAnswer> {
    let mut kept: BTreeMap<Slot, SlotAnswer> = BTreeMap::new();
    for answer in answers
        .into_iter()
        .filter(|answer| answer.state != SlotState::Unknown)
    {
        match kept.get(&answer.slot) {
            Some(there) if there.against(&answer) != Ordering::Less => {}
            _ => {
                kept.insert(answer.slot, answer);
            }
        }
    }
    kept
}
