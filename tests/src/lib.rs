//! The harness of the end-to-end tests: a server with production wiring on a database of its own.
//!
//! The clock stands still until a test moves it, jobs run when a test drains them, and nothing sleeps.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "everything here runs in tests, where a panic is the message"
)]
#![allow(clippy::missing_panics_doc, reason = "a failed check is a panic")]

mod account;
mod backend;
mod binary;
mod chromium;
mod command;
mod dump;
mod members;
mod operations;
mod reply;
mod server;
mod things;

pub use account::Account;
pub use backend::Backend;
pub use binary::{Binary, new_folder, until};
pub use chromium::Chromium;
pub use command::{Ended, command, fed_command, spawn};
pub use operations::{Operation, operations};
pub use reply::Reply;
pub use server::{Held, Options, TestServer};
pub use things::{make, make_for};
