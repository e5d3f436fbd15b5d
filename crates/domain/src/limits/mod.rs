//! How often something may happen.
//!
//! Two questions: is this still within a [`Rate`] (requests), and how long must somebody wait who was wrong several times
//! ([`wait_after`], sign-in). The formulas are here, once; where the counts lie (this process, or Redis) is behind
//! [`RateLimiter`].

mod backoff;
mod ports;
mod rate;

pub use backoff::{FORGET_FAILURES, FREE_FAILURES, KNOWN_PLACE, LONGEST_WAIT, wait_after};
pub use ports::{Attempt, Bucket, RateLimiter, Sharing, Verdict};
pub use rate::{Rate, Standing, decide};
