//! Segments, and their conditions as SQL.

mod consents;
mod events;
mod merged;
mod query;
mod repo;
mod rows;
mod texts;

pub(crate) use merged::count;
pub(crate) use query::{Query, Shape};
