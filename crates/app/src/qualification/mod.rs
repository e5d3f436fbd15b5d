//! Qualification: editing rules, answering slots, and moving leads along their life cycle, by rules and by hand.
//!
//! Whatever happens to leads or is written of them tells this context ([`after_events`], [`after_writing`], both called by scoring,
//! and [`after_capture`]). Where there are rules, that adds a job in the same transaction: leads are looked at once whoever
//! wrote has let go of them, so that rules never change what a request is just answering with. What changes for all leads at once
//! is a run, as in scoring.

mod by_hand;
mod commands;
mod convert;
mod hooks;
mod jobs;
mod lead;
mod manage;
mod notes;
mod preview;
mod run;
mod settle;

pub(crate) use by_hand::set_by_hand;
pub use by_hand::set_stage;
pub use commands::{
    AnswerInput, ConvertInput, NoteInput, Qualification, QualifyInput, RuleSetInput, RuleSetPatch,
    RulesPreviewInput, StageInput,
};
pub use convert::convert_lead;
pub(crate) use hooks::{after_capture, after_events, after_rescoring, after_writing};
pub use jobs::qualify_leads;
pub use lead::{get_qualification, qualify_lead};
pub use manage::{create_rules, delete_rules, get_rules, list_rules, replace_rules, update_rules};
pub use notes::add_note;
pub use preview::preview_rules;
pub use run::requalify_leads;
