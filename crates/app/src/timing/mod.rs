//! When to reach a lead.

mod best;

pub use best::best_time;
pub(crate) use best::{models, zone};
