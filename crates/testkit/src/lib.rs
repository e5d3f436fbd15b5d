//! What tests share: a clock that is set by hand, ids that repeat, builders, and the contract suite of every store port.
//!
//! A suite in [`contract`] checks what the port's documentation promises. Every implementation runs it, so that they
//! can't drift apart.

#![expect(
    clippy::unwrap_used,
    reason = "everything here runs in tests, where a panic is the message"
)]
#![allow(
    clippy::assigning_clones,
    reason = "a test reads better when it says what it sets"
)]
#![allow(clippy::missing_panics_doc, reason = "a failed check is a panic")]

pub mod builders;
pub mod clock;
pub mod contract;
pub mod dns_server;
pub mod fake_web;
pub mod ids;
pub mod issuer;
pub mod llm;
pub mod outcomes;
pub mod people;
pub mod redis_server;
pub mod smtp_sink;
pub mod sns;

pub use builders::Builders;
pub use clock::TestClock;
pub use contract::Contract;
pub use fake_web::FakeWeb;
pub use ids::TestIds;
pub use outcomes::Outcomes;
