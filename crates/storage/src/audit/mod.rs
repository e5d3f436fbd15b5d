//! The audit log: it grows, is read, and is forgotten from its old end.

mod convert;
mod forget;
mod repo;

pub(crate) use forget::forget;
