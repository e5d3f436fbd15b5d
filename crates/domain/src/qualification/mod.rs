//! Qualification: what a salesperson has to know of a lead, what of it is known, and where the lead stands because of it.
//!
//! A framework is a checklist of slots. People, programs and rules fill slots with evidence; [`Qualifier::assess`] is a pure
//! function of a lead, what happened to it, and what is in its slots. It says what rules fill, what the verdict is, what to ask
//! next, and to which stage the lead moves. Stores only write that down. See `docs/qualification.md` and decision 0028.

mod answer;
mod assessment;
mod case;
mod framework;
mod parse;
mod ports;
mod preview;
mod qualifier;
mod question;
mod rules;
mod run;
mod slots;
mod stage;
#[cfg(test)]
mod tests;

pub use answer::{MOST_EVIDENCE, SlotAnswer, SlotSource, SlotState, fold};
pub use assessment::{
    Assessment, GateResult, GateStanding, NextQuestion, QualificationVerdict, SlotStanding, Standing,
};
pub use case::{Case, StageHold};
pub use framework::{Framework, Slot};
pub use ports::QualificationRepo;
pub use preview::{StageMove, StageMover, StagePreview, VerdictCounts};
pub use qualifier::Qualifier;
pub use rules::{Gate, RuleSet, RuleSetSort, SlotFiller, SlotSettings, StageRule};
pub use run::{QualificationRun, QualifyLeads, RequalifyLeads};
pub use stage::StageStep;
