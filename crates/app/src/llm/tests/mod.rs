//! The gate on a clock that stands still until everybody waits, with vendors that play a script.

mod budgets;
mod faults;
mod policies;
mod rig;
mod schemas;
mod streams;

pub use rig::{Rig, failure, limited, told};
