//! Leads, their score, what happened to them, and imports.

mod bulk;
pub(crate) mod checks;
mod count;
mod counters;
mod events;
mod filter;
mod imports;
mod list;
mod marks;
mod prediction;
mod repo;
mod rows;
mod score;
mod scored;
mod sources;
mod undo;
mod verification;

pub(crate) use bulk::{aliases, insert_scored, rows_by_email_keys};
pub(crate) use counters::{add as count, shift as recount};
pub(crate) use events::insert_new as insert_events;
pub(crate) use filter::audience;
pub(crate) use imports::{END_IMPORT, forget_files};
pub(crate) use scored::{Scored, matched, read as read_scored};
