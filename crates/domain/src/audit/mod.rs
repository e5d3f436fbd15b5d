//! The audit log: who did what, to what, from where, and what changed.
//!
//! Append-only: an entry is written in the transaction of its effect, so that one exists if and only if the other does, and
//! nothing changes it afterwards; the database itself refuses to. It goes when its time is over, or with its organization.
//!
//! Entries name things by id, never by address or name: what can't be changed could not be forgotten either.
//!
//! To audit something new: a line in [`AuditAction`], perhaps one in [`TargetType`], and a call in the use-case.

mod action;
mod actor;
mod entry;
mod ports;
mod target;

pub use action::AuditAction;
pub use actor::{ActorKind, AuditActor};
pub use entry::{AuditEntry, AuditSort};
pub use ports::{AuditFilter, AuditRepo};
pub use target::{Target, TargetType};
