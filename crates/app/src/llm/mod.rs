//! The gate's engine: one call, as many attempts as it takes and as are allowed.
//!
//! ```text
//! check ─▶ cache ─▶ plan ─▶ for each hop: may it? ─▶ for each key: admitted? ─▶ reserve ─▶ ask ─▶ settle ─▶ answer
//!                              ▲                        ▲                                     │ no answer
//!                              └── next hop ────────────┴── other key, or again after a wait ◀┘
//! ```
//!
//! What is tried next is decided by `FailureKind::step` and the book of health, both in the domain; here is only the order of things.
//! A call runs in a task of its own: when its caller goes away, what was reserved is still settled. Nothing is tried again once the
//! caller has seen the first piece of an answer.
//!
//! Built from ports alone ([`GatePorts`]), and on tokio's clock, which a test can stop and move.

mod attempt;
mod engine;
mod failure;
mod gate;
mod hop;
mod run;
mod schema;
mod settle;
mod streaming;
#[cfg(test)]
mod tests;

pub use gate::{Gate, GatePorts, GateSettings};
