//! The job queue: one organization's side, the workers' side, and the hints between them.

mod cause;
mod hints;
mod insert;
mod queue;
mod repo;
mod turns;

pub(crate) use hints::{HintTasks, Hints};
pub(crate) use insert::insert;
pub(crate) use turns::Turns;
