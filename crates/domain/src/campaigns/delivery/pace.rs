//! How many mails of a campaign have left today and in this minute, and how many more may.

use super::Delivery;
use chrono::{DateTime, Days, DurationRound, NaiveDate, NaiveTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// Each day on which mails leave allows `factor` times as many as the one before. Days without mails don't count: after a pause
/// it goes on where it was, as whoever receives the mails has not seen more of them meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ramp {
    pub first_day: u32,
    /// 1 to 10.
    pub factor: f64,
}

impl Ramp {
    /// Rounded down, and never below the first day's.
    pub(super) fn limit(self, earlier: u32) -> u32 {
        let exponent = i32::try_from(earlier).unwrap_or(i32::MAX);
        let limit = f64::from(self.first_day) * self.factor.powi(exponent);
        if limit >= f64::from(u32::MAX) {
            u32::MAX
        } else {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it is positive and below the largest one"
            )]
            let limit = limit as u32;
            limit
        }
    }
}

/// The counters of a campaign that has caps; kept with it, and locked by whoever claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pace {
    /// The last day on which mails were claimed.
    pub day: Option<NaiveDate>,
    pub day_count: u32,
    /// Days with mails before that one.
    pub earlier_days: u32,
    /// The last minute in which mails were claimed: where it begins.
    pub minute: Option<DateTime<Utc>>,
    pub minute_count: u32,
}

impl Pace {
    /// The counters as they stand at an instant: those of a day or a minute that is over start anew. A worker whose clock is behind
    /// counts with those that are ahead.
    #[must_use]
    pub fn at(self, now: DateTime<Utc>, zone: Tz) -> Self {
        let (today, minute) = (Some(now.with_timezone(&zone).date_naive()), start_of_minute(now));
        let mut pace = self;
        if pace.day < today {
            pace.earlier_days += u32::from(pace.day_count > 0);
            (pace.day, pace.day_count) = (today, 0);
        }
        if pace.minute < Some(minute) {
            (pace.minute, pace.minute_count) = (Some(minute), 0);
        }
        pace
    }

    /// How many mails may still be claimed in the minute and on the day of [`Self::at`]; `None` is as many as there are.
    pub fn room(&self, delivery: &Delivery) -> Option<u32> {
        let day = delivery.day_limit(self.earlier_days);
        let day = day.map(|limit| limit.saturating_sub(self.day_count));
        let minute = self
            .minute
            .and_then(|minute| delivery.minute_limit(minute.minute()));
        let minute = minute.map(|limit| limit.saturating_sub(self.minute_count));
        match (day, minute) {
            (Some(day), Some(minute)) => Some(day.min(minute)),
            (day, minute) => day.or(minute),
        }
    }

    /// When there may be room again, if there is none now: tomorrow, or the next minute.
    pub fn next(&self, delivery: &Delivery, now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
        let full = |limit: u32| self.day_count >= limit;
        if delivery.day_limit(self.earlier_days).is_some_and(full) {
            return tomorrow(now, zone);
        }
        start_of_minute(now) + TimeDelta::minutes(1)
    }

    #[must_use]
    pub fn take(mut self, mails: u32) -> Self {
        self.day_count = self.day_count.saturating_add(mails);
        self.minute_count = self.minute_count.saturating_add(mails);
        self
    }

    /// Mails that were claimed at `then` and not handed over: their places are free again, if that day or minute still lasts.
    #[must_use]
    pub fn give_back(mut self, mails: u32, then: DateTime<Utc>, zone: Tz) -> Self {
        if self.day == Some(then.with_timezone(&zone).date_naive()) {
            self.day_count = self.day_count.saturating_sub(mails);
        }
        if self.minute == Some(start_of_minute(then)) {
            self.minute_count = self.minute_count.saturating_sub(mails);
        }
        self
    }
}

fn start_of_minute(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(TimeDelta::minutes(1)).unwrap_or(at)
}

/// Where the next day begins: at midnight, or when clocks were set over it.
fn tomorrow(now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let date = now.with_timezone(&zone).date_naive();
    let next = date.checked_add_days(Days::new(1)).unwrap_or(date);
    let midnight = next.and_time(NaiveTime::MIN);
    (0..=4 * 25)
        .map(|quarter| midnight + TimeDelta::minutes(15 * quarter))
        .find_map(|local| zone.from_local_datetime(&local).earliest())
        .map_or(now + TimeDelta::days(1), |instant| instant.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Europe::Berlin;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn delivery(daily_cap: Option<u32>, hourly_rate: Option<u32>, ramp: Option<Ramp>) -> Delivery {
        Delivery {
            daily_cap,
            hourly_rate,
            ramp,
            ..Delivery::default()
        }
    }

    #[test]
    fn a_day_begins_at_local_midnight() {
        let plan = delivery(Some(10), None, None);
        // 23:30 on the 1st in Berlin.
        let late = at("2026-12-01T22:30:00Z");
        let pace = Pace::default().at(late, Berlin);
        assert_eq!(pace.room(&plan), Some(10));
        let pace = pace.take(10);
        assert_eq!(pace.room(&plan), Some(0));
        assert_eq!(pace.next(&plan, late, Berlin), at("2026-12-01T23:00:00Z"));
        let pace = pace.at(at("2026-12-01T23:00:00Z"), Berlin);
        assert_eq!((pace.room(&plan), pace.earlier_days), (Some(10), 1));
        // On the days on which clocks are set.
        for (now, next) in [
            ("2026-03-29T12:00:00Z", "2026-03-29T22:00:00Z"),
            ("2026-10-25T12:00:00Z", "2026-10-25T23:00:00Z"),
        ] {
            assert_eq!(tomorrow(at(now), Berlin), at(next));
        }
        // In Chile midnight is skipped, and the day begins at one o'clock.
        let chile = chrono_tz::America::Santiago;
        assert_eq!(
            tomorrow(at("2024-09-07T12:00:00Z"), chile),
            at("2024-09-08T04:00:00Z")
        );
    }

    #[test]
    fn a_clock_that_is_behind_opens_no_day_anew() {
        let plan = delivery(Some(10), Some(600), None);
        let (before, after) = (at("2026-12-01T22:59:59Z"), at("2026-12-01T23:00:01Z"));
        let pace = Pace::default().at(before, Berlin).take(10);
        let pace = pace.at(after, Berlin).take(4);
        assert_eq!(pace.at(before, Berlin), pace);
        assert_eq!(pace.at(before, Berlin).room(&plan), Some(6));
    }

    #[test]
    fn minutes_share_the_hour() {
        let plan = delivery(None, Some(120), None);
        let now = at("2026-12-01T12:00:30Z");
        let pace = Pace::default().at(now, Berlin).take(2);
        assert_eq!(pace.room(&plan), Some(0));
        let next = pace.next(&plan, now, Berlin);
        assert_eq!(next, at("2026-12-01T12:01:00Z"));
        assert_eq!(pace.at(next, Berlin).room(&plan), Some(2));
    }

    #[test]
    fn a_ramp_goes_on_where_it_was() {
        let plan = delivery(
            None,
            None,
            Some(Ramp {
                first_day: 100,
                factor: 1.5,
            }),
        );
        let pace = Pace::default().at(at("2026-12-01T12:00:00Z"), Berlin).take(100);
        let pace = pace.at(at("2026-12-02T12:00:00Z"), Berlin);
        assert_eq!(pace.room(&plan), Some(150));
        // Nothing left on the second: the fourth is still the second day with mails.
        let pace = pace.at(at("2026-12-04T12:00:00Z"), Berlin);
        assert_eq!(pace.room(&plan), Some(150));
        let pace = pace.take(1).at(at("2026-12-05T12:00:00Z"), Berlin);
        assert_eq!(pace.room(&plan), Some(225));
        let far = Ramp {
            first_day: 1,
            factor: 10.0,
        };
        assert_eq!(far.limit(1_000_000), u32::MAX);
    }

    #[test]
    fn places_come_back_while_their_day_lasts() {
        let plan = delivery(Some(10), Some(600), None);
        let then = at("2026-12-01T12:00:30Z");
        let pace = Pace::default().at(then, Berlin).take(10);
        assert_eq!(pace.give_back(4, then, Berlin).room(&plan), Some(4));
        let later = pace.at(at("2026-12-01T12:05:00Z"), Berlin);
        assert_eq!(later.give_back(4, then, Berlin).room(&plan), Some(4));
        let tomorrow = pace.at(at("2026-12-02T12:00:00Z"), Berlin);
        assert_eq!(tomorrow.give_back(4, then, Berlin).room(&plan), Some(10));
        assert_eq!(Pace::default().at(then, Berlin).room(&Delivery::default()), None);
    }
}
