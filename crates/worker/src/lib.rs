//! Runs background jobs: claims them, keeps their leases alive, and writes down how they ended.
//!
//! Any number of processes can run workers on one database. A job runs at least once; what it does must be safe to repeat, and
//! what can't be repeated goes through a ledger.

mod attempt;
mod prediction;
mod registry;
mod runner;
mod slots;

pub use registry::KINDS;
pub use runner::{SlotSettings, WorkerSettings, drain, drain_kind, run};
