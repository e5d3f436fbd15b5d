//! Adapter: language models of vendors.
//!
//! Vendors speak three languages: OpenAI's, which most others have taken over with small differences, Anthropic's and Google's. Each is a
//! file in [`wire`], pure and tested byte by byte; a file in [`providers`] says which one a vendor speaks and how it differs. Both
//! go through [`Line`], which sends, bounds and reads, and never tries again (that is the gate's business). Why these are not a library's:
//! docs/decisions/0047.
//!
//! Addresses of the operator are asked directly ([`DirectClient`]); those that an organization named through the client that connects to
//! public addresses only.

mod direct;
mod line;
mod providers;
mod sse;
mod wire;

pub use direct::DirectClient;
pub use line::Line;
pub use providers::{all, provider};

#[cfg(test)]
mod tests;
