//! A gate's surroundings, made up: vendors that play a script, keys, budgets, and a clock that is tokio's.

mod books;
mod clock;
mod ledger;
mod scripted;

pub use books::{MemoryCache, MemoryKeys, MemoryLog, MemoryPolicies};
pub use clock::TokioClock;
pub use ledger::MemoryLedger;
pub use scripted::{Asked, Piece, Play, Scripted};
