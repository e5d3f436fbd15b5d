//! One of the 168 hours of a week.

use chrono::{DateTime, Datelike, TimeZone, Timelike};
use serde::Serialize;
use std::fmt;

/// Hours of a week.
pub const HOURS: usize = 168;

/// An hour of the local week, from 0: Monday, midnight to one o'clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct HourOfWeek(u8);

impl HourOfWeek {
    /// The hour that a clock on the wall of this zone shows.
    pub fn of<Z: TimeZone>(local: &DateTime<Z>) -> Self {
        let hour = local.weekday().num_days_from_monday() * 24 + local.hour();
        // At most 6 * 24 + 23.
        Self(u8::try_from(hour).unwrap_or_default())
    }

    pub fn index(self) -> usize {
        self.0.into()
    }

    /// 0 for Monday to 6 for Sunday.
    pub fn day(self) -> u8 {
        self.0 / 24
    }

    /// 0 to 23.
    pub fn hour(self) -> u8 {
        self.0 % 24
    }
}

impl fmt::Display for HourOfWeek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = [
            "Monday",
            "Tuesday",
            "Wednesday",
            "Thursday",
            "Friday",
            "Saturday",
            "Sunday",
        ];
        let day = days.get(usize::from(self.day())).copied().unwrap_or_default();
        write!(f, "{day} {:02}:00", self.hour())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Utc;

    #[test]
    fn the_week_begins_on_monday() {
        let hour = |text: &str| HourOfWeek::of(&text.parse::<DateTime<Utc>>().unwrap());
        assert_eq!(hour("2026-11-16T00:59:59Z").index(), 0);
        assert_eq!(hour("2026-11-22T23:00:00Z").index(), 167);
        let hour = hour("2026-11-18T09:30:00Z");
        assert_eq!(
            (hour.day(), hour.hour(), hour.to_string()),
            (2, 9, "Wednesday 09:00".into())
        );
    }
}
