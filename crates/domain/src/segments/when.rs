//! Times, relative to a moment or to the calendar of the organization's time zone.

use crate::locale::TimeZone;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Utc};
use serde::{Deserialize, Serialize};

crate::text_enum::text_enum! {
    /// Always of the same length: a day is 24 hours.
    Unit { Hour => "hour", Day => "day", Week => "week" }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// 1 or more, and no more than [`Span::most`].
    pub count: u32,
    pub unit: Unit,
}

impl Span {
    /// Ten years of it.
    pub fn most(unit: Unit) -> u32 {
        match unit {
            Unit::Hour => 87_600,
            Unit::Day => 3_650,
            Unit::Week => 520,
        }
    }

    fn delta(self) -> TimeDelta {
        let count = i64::from(self.count);
        match self.unit {
            Unit::Hour => TimeDelta::hours(count),
            Unit::Day => TimeDelta::days(count),
            Unit::Week => TimeDelta::days(7 * count),
        }
    }
}

/// A day, or a point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instant {
    Day(NaiveDate),
    /// Whole microseconds.
    Time(DateTime<Utc>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// In the span that ends now.
    Within(Span),
    /// Before that span.
    OlderThan(Span),
    Before(Instant),
    /// After the end of the day, or of the instant.
    After(Instant),
    Since(Instant),
    /// Up to the end of the day, or the instant itself.
    Until(Instant),
    On(NaiveDate),
}

/// What "now" and "that day" mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    pub now: DateTime<Utc>,
    pub time_zone: TimeZone,
}

/// Times from `from` (inclusive) to `before` (exclusive); open where it is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Range {
    pub from: Option<DateTime<Utc>>,
    pub before: Option<DateTime<Utc>>,
}

impl Range {
    pub fn contains(&self, time: DateTime<Utc>) -> bool {
        self.from.is_none_or(|from| from <= time) && self.before.is_none_or(|before| time < before)
    }
}

impl Moment {
    pub fn range(&self, when: &When) -> Range {
        let (from, before) = match *when {
            When::Within(span) => (Some(self.now - span.delta()), Some(next(self.now))),
            When::OlderThan(span) => (None, Some(self.now - span.delta())),
            When::Before(instant) => (None, Some(self.start(instant))),
            When::After(instant) => (Some(self.end(instant)), None),
            When::Since(instant) => (Some(self.start(instant)), None),
            When::Until(instant) => (None, Some(self.end(instant))),
            When::On(day) => (
                Some(self.start(Instant::Day(day))),
                Some(self.end(Instant::Day(day))),
            ),
        };
        Range { from, before }
    }

    fn start(&self, instant: Instant) -> DateTime<Utc> {
        match instant {
            Instant::Time(time) => time,
            Instant::Day(day) => self.midnight(day),
        }
    }

    /// The first time after it.
    fn end(&self, instant: Instant) -> DateTime<Utc> {
        match instant {
            Instant::Time(time) => next(time),
            Instant::Day(day) => self.midnight(day.checked_add_days(Days::new(1)).unwrap_or(day)),
        }
    }

    /// When a day begins there. Where the clock is put forward at midnight, it begins with the first hour that exists.
    fn midnight(&self, day: NaiveDate) -> DateTime<Utc> {
        let zone = self.time_zone.tz();
        (0..=3)
            .filter_map(|hour| NaiveTime::from_hms_opt(hour, 0, 0))
            .find_map(|time| zone.from_local_datetime(&day.and_time(time)).earliest())
            .map_or_else(
                || day.and_time(NaiveTime::MIN).and_utc(),
                |time| time.with_timezone(&Utc),
            )
    }
}

fn next(time: DateTime<Utc>) -> DateTime<Utc> {
    time + TimeDelta::microseconds(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn berlin() -> Moment {
        Moment {
            now: time("2026-07-10T12:00:00Z"),
            time_zone: "Europe/Berlin".parse().unwrap(),
        }
    }

    #[test]
    fn days_are_those_of_the_time_zone() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let range = berlin().range(&When::On(day("2026-03-29")));
        // The day on which the clock is put forward has 23 hours.
        assert_eq!(range.from, Some(time("2026-03-28T23:00:00Z")));
        assert_eq!(range.before, Some(time("2026-03-29T22:00:00Z")));
        // In Santiago that day begins at one o'clock.
        let santiago = Moment {
            time_zone: "America/Santiago".parse().unwrap(),
            ..berlin()
        };
        let range = santiago.range(&When::Since(Instant::Day(day("2026-09-06"))));
        assert_eq!(range.from, Some(time("2026-09-06T04:00:00Z")));
    }

    #[test]
    fn spans_end_now_and_instants_are_exact() {
        let moment = berlin();
        let span = Span {
            count: 2,
            unit: Unit::Week,
        };
        let within = moment.range(&When::Within(span));
        assert!(within.contains(moment.now) && !within.contains(next(moment.now)));
        assert!(within.contains(time("2026-06-26T12:00:00Z")));
        assert!(!within.contains(time("2026-06-26T11:59:59.999999Z")));
        let older = moment.range(&When::OlderThan(span));
        assert!(!older.contains(time("2026-06-26T12:00:00Z")));
        assert!(older.contains(time("2026-06-26T11:59:59.999999Z")));
        let at = Instant::Time(moment.now);
        for (when, before, exactly, after) in [
            (When::Before(at), true, false, false),
            (When::Until(at), true, true, false),
            (When::Since(at), false, true, true),
            (When::After(at), false, false, true),
        ] {
            let range = moment.range(&when);
            assert_eq!(range.contains(moment.now - TimeDelta::microseconds(1)), before);
            assert_eq!(range.contains(moment.now), exactly);
            assert_eq!(range.contains(next(moment.now)), after);
        }
    }
}
