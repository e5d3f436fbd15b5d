//! Scoring: editing models, seeing what they would do, and keeping every lead's ledger what they say.
//!
//! Whatever happens to a lead goes through [`happened`], whatever becomes known of it through [`changed`] (or [`refit`], for
//! many at once), in the transaction in which it does. What changes for all leads at once, a model or the day, is a run: a
//! job that goes through all of them.

mod commands;
mod incremental;
mod lead;
mod manage;
mod preview;
mod run;

pub use commands::{LeadScore, ModelInput, ModelPatch, ModelScore, PreviewInput};
pub(crate) use incremental::{anew, changed, from_scratch, happened, refit, scorers};
pub use lead::{score_entries, score_lead};
pub use manage::{create_model, delete_model, get_model, list_models, replace_model, update_model};
pub use preview::preview_model;
pub use run::{rescore_leads, schedule_decay};
