//! Clients, and what their campaigns say about them.

mod convert;
mod facts;
mod filter;
mod repo;
mod stats;
