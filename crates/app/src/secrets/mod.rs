//! Secrets of people, clients and organizations: keeping them, using them, and changing the keys that seal them.
//!
//! Only [`resolve`] gives a value out, to code of ours that calls the service it is for.

mod commands;
mod holder;
mod manage;
mod resolve;
mod rotation;

pub use commands::{PutSecret, SecretView};
pub use holder::HolderChoice;
pub use manage::{delete_secret, list_secrets, put_secret};
pub(crate) use manage::{forget_ours, keep_ours};
pub use resolve::resolve;
pub use rotation::{Progress, Rotated, Unreadable, Verified, rotate, verify};
