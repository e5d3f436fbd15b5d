//! Background jobs, as people see them.

mod query;
mod routes;

pub(crate) use routes::{Docs, configure};
