//! Leads, their score and CSV imports.

mod bulk;
mod counters;
mod filter;
mod imports;
mod repo;
mod rows;
mod score;

pub(crate) use bulk::insert_scored;
pub(crate) use imports::{END_IMPORT, forget_files};
