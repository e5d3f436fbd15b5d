//! The time of tokio, which stands still in a test that pauses it and moves when everybody waits.

use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::platform::Clock;
use tokio::time::Instant;

pub struct TokioClock {
    start: DateTime<Utc>,
    began: Instant,
}

impl Default for TokioClock {
    /// Shows 15 January 2027, 08:00:00 UTC now.
    fn default() -> Self {
        Self {
            start: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
            began: Instant::now(),
        }
    }
}

impl Clock for TokioClock {
    fn now(&self) -> DateTime<Utc> {
        self.start + TimeDelta::from_std(self.began.elapsed()).unwrap()
    }
}
