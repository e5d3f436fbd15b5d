//! Where counts are kept.

use super::rate::{Rate, Standing};
use async_trait::async_trait;
use std::time::Duration;

/// Something that is counted: who, doing what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// For example `read:key:0190…`. Holds no mail address: it may leave the process.
    pub key: String,
    pub rate: Rate,
}

/// Somebody tries a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Whose password; also of accounts that do not exist. Not the mail address itself: it may leave the process.
    pub account: String,
    /// The place it is tried from.
    pub place: String,
}

/// What became of a try that was not wrong. A wrong one needs no end: it was counted when it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Right,
    /// Nobody looked at the password: something was away.
    Undecided,
}

/// Who takes part in the counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// This process alone, as it is meant to be.
    Alone,
    /// All processes.
    Shared,
    /// This process alone, because what they share is away.
    Away,
}

/// Counts. Never fails: when the place that processes share is away, each counts for itself until it is back.
#[async_trait]
pub trait RateLimiter: Send + Sync {
    /// Takes one from each bucket, or from none if one of them is empty. Answers in the order of the question.
    async fn take(&self, buckets: &[Bucket]) -> Vec<Standing>;

    /// Puts one back into each bucket, as if it had not been taken.
    async fn give_back(&self, buckets: &[Bucket]);

    /// Counts a failure ahead, so that tries at the same time can't outrun the count. The error is how long to wait; such a
    /// refusal counts nothing. See [`super::wait_after`].
    async fn begin_try(&self, attempt: &Attempt) -> Result<(), Duration>;

    /// Ends a try that was not wrong. A right one forgets the failures that were counted with it, and makes its place known.
    async fn end_try(&self, attempt: &Attempt, verdict: Verdict);

    /// Looks whether the shared place answers.
    async fn sharing(&self) -> Sharing;
}
