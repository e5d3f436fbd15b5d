//! Scoring: rule models that an organization edits, and how they turn what is known of a lead into lines of a ledger.
//!
//! A model is a pure function of a lead, what happened to it, and the day. [`Scorer`] is that function; stores only write
//! down what it says, so that adding points as things happen and computing everything anew can't differ. See
//! `docs/scoring.md` for the language, and decision 0023 for the ledger.

mod builtin;
mod condition;
mod diff;
mod event_key;
mod facts;
mod line_id;
mod model;
mod parse;
mod ports;
mod preview;
mod rule;
mod run;
mod scorer;
mod scorers;
#[cfg(test)]
mod tests;

pub(crate) use condition::Condition;
pub(crate) use facts::LeadFacts;
pub(crate) use parse::{EventCondition, Reader};
pub(crate) use rule::{NAME, is_name};

pub use diff::{LedgerChange, compare};
pub use model::{ModelSort, ModelStatus, ScoringModel, ScoringRule};
pub use ports::{LeadHistory, ScoringDirectory, ScoringRepo};
pub use preview::{BUCKETS, Mover, Moves, Preview, RuleChange, ScoreBucket};
pub use run::{RescoreLeads, ScoringRun};
pub use scorer::Scorer;
pub use scorers::Scorers;
