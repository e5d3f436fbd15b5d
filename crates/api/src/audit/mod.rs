//! The audit log, for those who run an organization.

mod query;
mod routes;

pub(crate) use routes::{Docs, configure};
