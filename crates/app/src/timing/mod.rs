//! When to reach a lead.

mod best;
mod piece;

pub use best::best_time;
pub(crate) use best::zone;
pub(crate) use piece::{best_times, models};
