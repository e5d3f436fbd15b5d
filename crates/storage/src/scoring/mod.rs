//! Scoring models, and computing ledgers anew.

mod convert;
mod due;
mod models;
pub(crate) mod piece;
mod repo;
mod rescore;
mod runs;
mod sample;

pub(crate) use models::insert as insert_model;
pub(crate) use rescore::rescore;
