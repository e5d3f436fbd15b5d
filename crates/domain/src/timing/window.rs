//! From when until when something may be sent.

use chrono::{DateTime, TimeDelta, Utc};

/// Longest window, in days: habits of a month from now are guesses.
pub const LONGEST_DAYS: i64 = 31;

/// A stretch of time: from the first instant to before the second one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

impl Window {
    pub fn new(from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Self, String> {
        if from >= until {
            return Err("the window must end after it begins".into());
        }
        if until - from > TimeDelta::days(LONGEST_DAYS) {
            return Err(format!("the window must not be longer than {LONGEST_DAYS} days"));
        }
        Ok(Self { from, until })
    }

    pub fn from(self) -> DateTime<Utc> {
        self.from
    }

    pub fn until(self) -> DateTime<Utc> {
        self.until
    }

    pub fn contains(self, instant: DateTime<Utc>) -> bool {
        self.from <= instant && instant < self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_end_after_they_begin_and_before_long() {
        let start = DateTime::UNIX_EPOCH;
        let window = Window::new(start, start + TimeDelta::days(1)).unwrap();
        assert!(window.contains(start) && !window.contains(window.until()));
        assert!(Window::new(start, start).is_err());
        assert!(Window::new(start, start - TimeDelta::hours(1)).is_err());
        assert!(Window::new(start, start + TimeDelta::days(32)).is_err());
    }
}
