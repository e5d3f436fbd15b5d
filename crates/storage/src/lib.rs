//! Adapter: every repository port of the domain over `SeaORM`, on PostgreSQL and SQLite. The only crate that knows SQL.
//!
//! [`SeaStore`] implements `Store` and `SystemStore`. One [`session::Session`] implements all repositories of an
//! organization, with a transaction or without; its impls lie in a folder per context, named as in `domain`. What must
//! differ between the two databases is a named function in `dialect`; nothing else asks which one it talks to.
//!
//! To add a repository: a migration, an entity in `entity/`, an `impl ... for Session<C>` in the folder of its context,
//! and a contract suite in `testkit`.

pub mod admin;
mod audit;
mod brand;
mod campaigns;
mod clients;
mod codec;
mod connect;
mod consents;
mod dialect;
mod duplicates;
mod email;
mod enrichment;
mod entity;
mod error;
mod forms;
mod idempotency;
mod identity;
mod installation;
mod jobs;
mod keys;
mod keyset;
mod leads;
mod one;
mod organizations_with;
mod pipeline;
mod privacy;
mod projects;
mod qualification;
mod schedules;
mod scoring;
mod secrets;
mod segments;
mod sending;
mod sequences;
mod session;
mod store;
mod system;
mod together;

pub use connect::{ConnectError, ConnectOptions, connect};
pub use store::SeaStore;
