//! How many events fell into each hour of the week.

use super::hour::{HOURS, HourOfWeek};
use chrono::{DateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

/// Weights of an hour's neighbours, from two before it to two after: who opened mail at 8:55 might as well have at 9:05.
const KERNEL: [f64; 5] = [0.1, 0.2, 0.4, 0.2, 0.1];

/// Events of one hour in UTC, as the store groups them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HourCount {
    /// When the hour begins, in UTC.
    pub hour: DateTime<Utc>,
    /// Mails that were opened or clicked in it.
    pub events: u32,
}

/// Events by local hour of the week.
#[derive(Debug, Clone, PartialEq)]
pub struct Hours([f64; HOURS]);

impl Default for Hours {
    fn default() -> Self {
        Self([0.0; HOURS])
    }
}

impl Hours {
    /// Puts hours of UTC on the clock of a zone, each with the offset of its own day. Where the offset is no whole hour, its
    /// events are shared between the two local hours that it overlaps.
    pub fn local(counts: &[HourCount], zone: Tz) -> Self {
        let mut hours = Self::default();
        for count in counts {
            let start = count.hour.with_timezone(&zone);
            let late = f64::from(start.minute()) / 60.0;
            let events = f64::from(count.events);
            hours.add(HourOfWeek::of(&start), events * (1.0 - late));
            if late > 0.0 {
                let next = (count.hour + TimeDelta::minutes(59)).with_timezone(&zone);
                hours.add(HourOfWeek::of(&next), events * late);
            }
        }
        hours
    }

    pub fn add(&mut self, hour: HourOfWeek, events: f64) {
        if let Some(sum) = self.0.get_mut(hour.index()) {
            *sum += events;
        }
    }

    pub fn get(&self, hour: HourOfWeek) -> f64 {
        self.0.get(hour.index()).copied().unwrap_or_default()
    }

    pub fn total(&self) -> f64 {
        self.0.iter().sum()
    }

    /// Each hour shares its events with its neighbours, around the end of the week; the total stays.
    #[must_use]
    pub fn smoothed(&self) -> Self {
        let at = |index: usize| {
            let near = KERNEL.iter().enumerate();
            near.map(|(step, weight)| weight * self.0[(index + HOURS + step - 2) % HOURS])
                .sum()
        };
        Self(std::array::from_fn(at))
    }

    /// Hour by hour.
    pub(super) fn with(&self, change: impl Fn(usize, f64) -> f64) -> Self {
        Self(std::array::from_fn(|index| change(index, self.0[index])))
    }

    pub(super) fn at(&self, index: usize) -> f64 {
        self.0.get(index).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(hour: &str, events: u32) -> HourCount {
        HourCount {
            hour: hour.parse().unwrap(),
            events,
        }
    }

    fn hour(text: &str) -> HourOfWeek {
        HourOfWeek::of(&text.parse::<DateTime<Utc>>().unwrap())
    }

    #[test]
    fn nine_o_clock_is_nine_o_clock_in_summer_and_in_winter() {
        let counts = [count("2026-07-01T07:00:00Z", 2), count("2026-12-02T08:00:00Z", 3)];
        let hours = Hours::local(&counts, chrono_tz::Europe::Berlin);
        assert!((hours.get(hour("2026-11-18T09:00:00Z")) - 5.0).abs() < 1e-9);
        assert!((hours.total() - 5.0).abs() < 1e-9);
    }

    #[test]
    fn half_hours_are_shared() {
        let counts = [count("2026-11-18T03:00:00Z", 4)];
        let hours = Hours::local(&counts, chrono_tz::Asia::Kolkata);
        assert!((hours.get(hour("2026-11-18T08:00:00Z")) - 2.0).abs() < 1e-9);
        assert!((hours.get(hour("2026-11-18T09:00:00Z")) - 2.0).abs() < 1e-9);
        let hours = Hours::local(&counts, chrono_tz::Asia::Kathmandu);
        assert!((hours.get(hour("2026-11-18T08:00:00Z")) - 1.0).abs() < 1e-9);
        assert!((hours.get(hour("2026-11-18T09:00:00Z")) - 3.0).abs() < 1e-9);
    }

    #[test]
    fn smoothing_goes_around_the_week_and_loses_nothing() {
        let mut hours = Hours::default();
        hours.add(hour("2026-11-16T00:00:00Z"), 10.0);
        let smooth = hours.smoothed();
        assert!((smooth.total() - 10.0).abs() < 1e-9);
        assert!((smooth.at(0) - 4.0).abs() < 1e-9);
        assert!((smooth.at(167) - 2.0).abs() < 1e-9);
        assert!((smooth.at(166) - 1.0).abs() < 1e-9);
        assert!((smooth.at(2) - 1.0).abs() < 1e-9);
    }
}
