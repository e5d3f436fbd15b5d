//! Leads: people who may become customers, what is known of them, and what they did.

mod event;
mod filter;
mod import;
mod lead;
mod overview;
mod ports;
pub mod prediction;
mod profile;
mod score;
mod source;
mod stage;
mod tags;

pub use event::{LeadEvent, LeadEventKind, TimelineSort};
pub use filter::{LeadFilter, LeadSort};
pub use import::*;
pub use lead::{Lead, LeadStatus, Utm};
pub use overview::{LeadOverview, StatusCounts};
pub use ports::*;
pub use profile::{LeadProfile, MAX_CUSTOM_FIELDS};
pub use score::{Axis, Score, ScoreEntry, ScoreSort};
pub use source::*;
pub use stage::LeadStage;
pub use tags::Tags;
