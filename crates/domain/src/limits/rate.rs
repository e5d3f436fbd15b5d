//! The generic cell rate algorithm (GCRA; ITU-T I.371, annex A), as a bucket that fills up again.
//!
//! Of each bucket only one number is kept: when it will be full again. `lead` is how far away that is, in microseconds; what
//! is taken moves it by `every`, and it may not lead by more than the whole bucket.

use std::time::Duration;

/// The longest time in which a bucket fills up, in microseconds: 142 years. Together with a time of today it is still a whole
/// number where all numbers are floating-point (2^53), as in Redis' scripts.
const LONGEST: i64 = 1 << 52;

/// So many at once, and one more each `every`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    burst: u32,
    every_micros: i64,
}

/// How a bucket is after it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub allowed: bool,
    /// How many more may come at once.
    pub remaining: u32,
    /// Until the bucket is full again.
    pub full_after: Duration,
    /// Until one more may come; zero when it was allowed.
    pub retry_after: Duration,
}

impl Rate {
    /// `count` per `window` in the long run, of which `burst` may come at once. Each is at least one, or a microsecond.
    pub fn new(count: u32, window: Duration, burst: u32) -> Self {
        let every = window.as_micros() / u128::from(count.max(1));
        let burst = burst.max(1);
        Self {
            burst,
            every_micros: i64::try_from(every)
                .unwrap_or(i64::MAX)
                .clamp(1, LONGEST / i64::from(burst)),
        }
    }

    pub fn burst(self) -> u32 {
        self.burst
    }

    /// Microseconds until one is given back.
    pub fn every_micros(self) -> i64 {
        self.every_micros
    }

    /// In which an empty bucket fills up.
    pub fn window(self) -> Duration {
        micros(self.window_micros())
    }

    /// The same in microseconds.
    pub fn window_micros(self) -> i64 {
        self.every_micros * i64::from(self.burst)
    }

    /// How far the moment when the bucket is full leads `now`. A clock that was set back must not lock anybody out.
    pub fn lead(self, full_at: Option<i64>, now: i64) -> i64 {
        full_at.map_or(0, |full_at| {
            full_at.saturating_sub(now).clamp(0, self.window_micros())
        })
    }

    fn has_room(self, lead: i64) -> bool {
        lead + self.every_micros <= self.window_micros()
    }

    fn standing(self, lead: i64, allowed: bool, taken: bool) -> Standing {
        let after = if taken { lead + self.every_micros } else { lead };
        let left = (self.window_micros() - after) / self.every_micros;
        let missing = lead + self.every_micros - self.window_micros();
        Standing {
            allowed,
            remaining: u32::try_from(left).unwrap_or(0),
            full_after: micros(after),
            retry_after: if allowed { Duration::ZERO } else { micros(missing) },
        }
    }
}

/// Takes one from each bucket, or from none if one of them is empty. `asked` has each rate with its lead.
pub fn decide(asked: &[(Rate, i64)]) -> Vec<Standing> {
    let taken = asked.iter().all(|(rate, lead)| rate.has_room(*lead));
    asked
        .iter()
        .map(|(rate, lead)| rate.standing(*lead, rate.has_room(*lead), taken))
        .collect()
}

fn micros(count: i64) -> Duration {
    Duration::from_micros(u64::try_from(count).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: (u32, Duration, u32) = (3, Duration::from_mins(1), 3);

    #[test]
    fn a_burst_and_then_one_at_a_time() {
        let rate = Rate::new(RATE.0, RATE.1, RATE.2);
        let left: Vec<_> = (0..4)
            .map(|taken| decide(&[(rate, taken * rate.every_micros())])[0])
            .collect();
        assert_eq!(
            left.iter().map(|one| one.remaining).collect::<Vec<_>>(),
            [2, 1, 0, 0]
        );
        assert!(left[2].allowed && !left[3].allowed);
        assert_eq!(left[3].retry_after, Duration::from_secs(20));
        assert_eq!(left[2].full_after, Duration::from_mins(1));
        assert!(decide(&[(rate, 2 * rate.every_micros() + 1)])[0].retry_after == Duration::from_micros(1));
    }

    #[test]
    fn a_slow_rate_is_as_slow_as_it_says() {
        let hour = Duration::from_hours(1);
        for burst in [1, 5] {
            let rate = Rate::new(1, hour, burst);
            assert_eq!(decide(&[(rate, rate.window_micros())])[0].retry_after, hour);
            assert_eq!(rate.window(), hour * burst);
        }
        let month = Duration::from_hours(24 * 30);
        assert_eq!(Rate::new(1, month, 1).window(), month);
    }

    #[test]
    fn nothing_is_taken_when_one_is_empty() {
        let rate = Rate::new(RATE.0, RATE.1, RATE.2);
        let both = decide(&[(rate, 0), (rate, rate.window_micros())]);
        assert_eq!((both[0].remaining, both[0].allowed), (3, true));
        assert!(!both[1].allowed);
    }

    #[test]
    fn odd_numbers_do_no_harm() {
        let rate = Rate::new(0, Duration::ZERO, 0);
        assert_eq!((rate.burst(), rate.every_micros()), (1, 1));
        let slow = Rate::new(1, Duration::MAX, u32::MAX);
        assert!(slow.window_micros() > 0);
        assert_eq!(slow.lead(Some(i64::MAX), 0), slow.window_micros());
        assert_eq!(slow.lead(Some(0), i64::MAX), 0);
    }

    #[test]
    fn a_clock_that_was_set_back_costs_one_window_at_most() {
        let rate = Rate::new(RATE.0, RATE.1, RATE.2);
        let lead = rate.lead(Some(3_600_000_000), 0);
        assert_eq!(decide(&[(rate, lead)])[0].retry_after, Duration::from_secs(20));
    }
}
