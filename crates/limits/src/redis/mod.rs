//! Counts in Redis, for all processes of an installation.
//!
//! One round trip per question, by a script that uses the server's clock. Redis is never waited for: an answer that takes
//! longer than the time limit is given by this process's own counts, and from the moment that it is away nobody asks it at
//! all, until a task in the background has reached it again.

mod check;
mod limiter;
mod link;
mod scripts;

pub use check::check_redis;
pub use limiter::{RedisLimiter, RedisOptions};
