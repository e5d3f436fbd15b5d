//! What becomes of leads, in numbers that say which leads they count.

mod goals;
mod reports;

pub(crate) use goals::goal_figures;
pub use reports::{cohorts, conversion, funnel, list, outcomes, time_to_convert, velocity};
