//! How long to wait before the same thing is tried again.

use std::time::Duration;

/// Full jitter: a wait drawn evenly from 0 to min(cap, base * 2^n). Of the usual ways it is the one that spreads callers best and asks
/// least in total (M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    pub base: Duration,
    pub cap: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            base: Duration::from_millis(500),
            cap: Duration::from_secs(8),
        }
    }
}

impl Backoff {
    /// The longest wait after `failures` failures (from 1).
    pub fn most(&self, failures: u32) -> Duration {
        let factor = 1_u32
            .checked_shl(failures.saturating_sub(1).min(30))
            .unwrap_or(u32::MAX);
        self.base.saturating_mul(factor).min(self.cap)
    }

    /// The wait. `random` is in 0.0..=1.0.
    pub fn wait(&self, failures: u32, random: f64) -> Duration {
        self.most(failures).mul_f64(random.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_up_to_the_cap_and_starts_at_nothing() {
        let backoff = Backoff::default();
        let most: Vec<u128> = (1..=6).map(|n| backoff.most(n).as_millis()).collect();
        assert_eq!(most, [500, 1000, 2000, 4000, 8000, 8000]);
        assert_eq!(backoff.wait(3, 0.0), Duration::ZERO);
        assert_eq!(backoff.wait(3, 0.5), Duration::from_secs(1));
        assert_eq!(backoff.wait(u32::MAX, 1.0), Duration::from_secs(8));
    }
}
