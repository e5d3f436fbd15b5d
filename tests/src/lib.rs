//! The harness of the end-to-end tests: a server with production wiring on a database of its own.
//!
//! The clock stands still until a test moves it, jobs run when a test drains them, and nothing sleeps.

#![expect(
    clippy::unwrap_used,
    reason = "everything here runs in tests, where a panic is the message"
)]
#![allow(clippy::missing_panics_doc, reason = "a failed check is a panic")]

mod account;
mod backend;
mod server;

pub use account::Account;
pub use backend::Backend;
pub use server::{Options, TestServer};
