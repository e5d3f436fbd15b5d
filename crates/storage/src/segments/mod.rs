//! Segments, and their conditions as SQL.

mod consents;
mod events;
mod query;
mod repo;
mod rows;
mod texts;

pub(crate) use query::{Query, Shape};
