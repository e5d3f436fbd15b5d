//! Background work: what a job is, and the queue it waits in.
//!
//! A job is inserted in the transaction of the change that causes it, and runs at least once. To add one:
//! a payload struct that implements [`JobPayload`] in its context, a handler in `app`, a line in the worker's
//! registry.

mod backoff;
mod cause;
mod job;
mod ports;
mod queue;

pub use backoff::backoff;
pub use cause::{Cause, ScheduledRun};
pub use job::{Job, JobPayload, JobSort, JobStatus, NewJob, Priority};
pub use ports::*;
pub use queue::Queue;
