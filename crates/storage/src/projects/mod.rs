//! Projects of clients.

mod convert;
mod repo;
