//! What becomes of leads, in numbers that say which leads they count.

mod reports;

pub use reports::{cohorts, conversion, funnel, list, outcomes, time_to_convert, velocity};
