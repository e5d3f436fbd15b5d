//! The audit log.
//!
//! A use-case calls `record` with the unit of work of its effect, just before it commits: the entry exists if and only if the
//! effect does. Who did it and from where is in the scope.

mod changes;
mod read;
mod record;
mod retention;

pub(crate) use changes::changes;
pub use read::list_audit_log;
pub(crate) use record::{Event, record};
pub use retention::forget_expired;
