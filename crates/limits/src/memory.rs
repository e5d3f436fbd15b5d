//! Counts in this process.
//!
//! One lock for everything: it is held for less than a microsecond, and makes "from each bucket or from none" exact.

use async_trait::async_trait;
use groundswell_domain::limits::{
    Attempt, Bucket, FORGET_FAILURES, KNOWN_PLACE, RateLimiter, Sharing, Standing, Verdict, decide,
    wait_after,
};
use groundswell_domain::platform::Clock;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What is over is swept out whenever a table has doubled, but not before it has this many rows.
const SWEEP_FROM: usize = 4096;

pub struct MemoryLimiter {
    clock: Arc<dyn Clock>,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    /// When each bucket is full again.
    buckets: Table<i64>,
    failures: Table<Failures>,
    /// Places of accounts.
    known: Table<()>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Failures {
    count: u32,
    open_at: i64,
}

/// Rows that end by themselves; times are microseconds since 1970.
struct Table<V> {
    rows: HashMap<String, (i64, V)>,
    sweep_at: usize,
}

impl<V> Default for Table<V> {
    fn default() -> Self {
        Self {
            rows: HashMap::new(),
            sweep_at: SWEEP_FROM,
        }
    }
}

impl<V: Copy> Table<V> {
    fn get(&self, key: &str, now: i64) -> Option<V> {
        self.rows
            .get(key)
            .filter(|(ends, _)| *ends > now)
            .map(|(_, value)| *value)
    }

    fn put(&mut self, key: &str, ends: i64, value: V, now: i64) {
        if let Some(row) = self.rows.get_mut(key) {
            *row = (ends, value);
            return;
        }
        if self.rows.len() >= self.sweep_at {
            self.rows.retain(|_, (ends, _)| *ends > now);
            self.sweep_at = (self.rows.len() * 2).max(SWEEP_FROM);
        }
        self.rows.insert(key.to_owned(), (ends, value));
    }
}

impl MemoryLimiter {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            counts: Mutex::default(),
        }
    }

    fn now(&self) -> i64 {
        self.clock.now().timestamp_micros()
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        // Rows are written whole: what a panic elsewhere left behind is still right.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn take_now(&self, buckets: &[Bucket]) -> Vec<Standing> {
        let now = self.now();
        let mut counts = self.counts();
        let asked: Vec<_> = buckets
            .iter()
            .map(|bucket| {
                let full_at = counts.buckets.get(&bucket.key, now);
                (bucket.rate, bucket.rate.lead(full_at, now))
            })
            .collect();
        let standings = decide(&asked);
        if standings.iter().all(|standing| standing.allowed) {
            for (bucket, (rate, lead)) in buckets.iter().zip(asked) {
                let full_at = now + lead + rate.every_micros();
                counts.buckets.put(&bucket.key, full_at, full_at, now);
            }
        }
        standings
    }

    pub(crate) fn give_back_now(&self, buckets: &[Bucket]) {
        let now = self.now();
        let mut counts = self.counts();
        for bucket in buckets {
            if let Some(full_at) = counts.buckets.get(&bucket.key, now) {
                let lead = bucket.rate.lead(Some(full_at), now) - bucket.rate.every_micros();
                let full_at = now + lead.max(0);
                counts.buckets.put(&bucket.key, full_at, full_at, now);
            }
        }
    }

    pub(crate) fn begin_try_now(&self, attempt: &Attempt) -> Result<(), Duration> {
        let now = self.now();
        let mut counts = self.counts();
        let key = counts.failures_of(attempt, now);
        let mut failures = counts.failures.get(&key, now).unwrap_or_default();
        if let Some(wait) = u64::try_from(failures.open_at - now)
            .ok()
            .filter(|wait| *wait > 0)
        {
            return Err(Duration::from_micros(wait).min(wait_after(u32::MAX)));
        }
        failures.count = failures.count.saturating_add(1);
        failures.open_at = now + micros(wait_after(failures.count));
        counts
            .failures
            .put(&key, now + micros(FORGET_FAILURES), failures, now);
        Ok(())
    }

    pub(crate) fn end_try_now(&self, attempt: &Attempt, verdict: Verdict) {
        let now = self.now();
        let mut counts = self.counts();
        let key = counts.failures_of(attempt, now);
        match verdict {
            Verdict::Right => {
                counts.failures.rows.remove(&key);
                counts
                    .known
                    .put(&place_of(attempt), now + micros(KNOWN_PLACE), (), now);
            }
            Verdict::Undecided => {
                if let Some(failures) = counts.failures.get(&key, now) {
                    let before = Failures {
                        count: failures.count.saturating_sub(1),
                        open_at: 0,
                    };
                    counts
                        .failures
                        .put(&key, now + micros(FORGET_FAILURES), before, now);
                }
            }
        }
    }
}

impl Counts {
    /// A known place has a count of its own.
    fn failures_of(&self, attempt: &Attempt, now: i64) -> String {
        let place = place_of(attempt);
        if self.known.get(&place, now).is_some() {
            place
        } else {
            attempt.account.clone()
        }
    }
}

fn place_of(attempt: &Attempt) -> String {
    format!("{}:{}", attempt.account, attempt.place)
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

#[async_trait]
impl RateLimiter for MemoryLimiter {
    async fn take(&self, buckets: &[Bucket]) -> Vec<Standing> {
        self.take_now(buckets)
    }

    async fn give_back(&self, buckets: &[Bucket]) {
        self.give_back_now(buckets);
    }

    async fn begin_try(&self, attempt: &Attempt) -> Result<(), Duration> {
        self.begin_try_now(attempt)
    }

    async fn end_try(&self, attempt: &Attempt, verdict: Verdict) {
        self.end_try_now(attempt, verdict);
    }

    async fn sharing(&self) -> Sharing {
        Sharing::Alone
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use groundswell_domain::limits::Rate;
    use groundswell_testkit::TestClock;

    #[test]
    fn what_is_over_takes_no_memory() {
        let clock = Arc::new(TestClock::default());
        let limiter = MemoryLimiter::new(clock.clone());
        let rate = Rate::new(1, Duration::from_secs(1), 1);
        for number in 0..100_000 {
            let key = format!("read:{number}");
            limiter.take_now(&[Bucket { key, rate }]);
            clock.advance(chrono::TimeDelta::milliseconds(1));
        }
        let kept = limiter.counts().buckets.rows.len();
        assert!(kept <= SWEEP_FROM, "{kept}");
    }
}
