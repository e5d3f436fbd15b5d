//! A clock that stands still until a test moves it.

use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::platform::Clock;
use std::sync::Mutex;

#[derive(Debug)]
pub struct TestClock(Mutex<DateTime<Utc>>);

impl TestClock {
    /// A clock that shows `now`.
    pub fn at(now: DateTime<Utc>) -> Self {
        Self(Mutex::new(now))
    }

    pub fn set(&self, now: DateTime<Utc>) {
        *self.0.lock().unwrap() = now;
    }

    /// Moves on by `step`; answers with the new time.
    pub fn advance(&self, step: TimeDelta) -> DateTime<Utc> {
        let mut now = self.0.lock().unwrap();
        *now += step;
        *now
    }
}

impl Default for TestClock {
    /// 15 January 2027, 08:00:00.123456 UTC: with microseconds, so that a store that drops them is found out.
    fn default() -> Self {
        Self::at(DateTime::from_timestamp(1_800_000_000, 123_456_000).unwrap())
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stands_still_until_it_is_moved() {
        let clock = TestClock::default();
        let start = clock.now();
        assert_eq!(clock.now(), start);
        assert_eq!(
            clock.advance(TimeDelta::seconds(5)),
            start + TimeDelta::seconds(5)
        );
        assert_eq!(clock.now(), start + TimeDelta::seconds(5));
    }
}
