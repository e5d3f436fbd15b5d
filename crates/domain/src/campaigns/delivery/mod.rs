//! When the mails of a campaign leave: hours of the day, each lead's best hour, and how many at most.
//!
//! Two things enforce it. Each row of the ledger knows from when on it may be tried (its window, its lead's best hour); and
//! whoever claims rows counts them against the caps in the same transaction, so that any number of workers together stay below
//! them, also after a pause or an outage. Nobody is dropped: what does not fit waits.

mod pace;
mod window;

pub use pace::{Pace, Ramp};
pub use window::{Day, SendWindow, TimeOfDay, Zone};

use crate::timing::{QuietHours, next_hour};
use crate::validate::Problems;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// Most mails of a cap, a rate or a first day.
const MOST: u32 = 100_000_000;

/// Longest search for a lead's best hour: a week has all of them.
const MOST_HOURS: u32 = 168;

/// An hour that is neither closed nor quiet is looked for so far: two weeks.
const SEARCHED_HOURS: u32 = 24 * 14;

/// How a campaign's mails are spread over time. All of it is optional: without any of it they leave as fast as they can.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Delivery {
    /// Days and hours in which mails may leave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<SendWindow>,
    /// Each lead gets its mail in its personal best hour within so many hours after the launch (1 to 168), and never at night on
    /// its own clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best_time_within_hours: Option<u32>,
    /// Most mails in a day. Days begin at midnight of the window's time zone, or of the organization's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub daily_cap: Option<u32>,
    /// Most mails in an hour, evenly over its minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hourly_rate: Option<u32>,
    /// More mails every day on which any are sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ramp: Option<Ramp>,
    /// What becomes of leads that have had as many mails as the organization allows in a day or a week.
    #[serde(default, skip_serializing_if = "is_default")]
    pub over_cap: OverCap,
}

crate::text_enum::text_enum! {
    /// What becomes of a lead that has had enough mails for now.
    #[derive(Default)]
    OverCap {
        /// It gets none of this campaign.
        #[default]
        Suppress => "suppress",
        /// It gets this one as soon as the caps allow it.
        Postpone => "postpone",
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Delivery {
    /// Claims have to be counted.
    pub fn is_paced(&self) -> bool {
        self.daily_cap.is_some() || self.hourly_rate.is_some() || self.ramp.is_some()
    }

    pub fn check(&self, problems: &mut Problems) {
        if let Some(window) = &self.window {
            window.check(problems, "delivery.window");
        }
        if let Some(hours) = self.best_time_within_hours {
            let ok = (1..=MOST_HOURS).contains(&hours);
            let message = format!("must be 1 to {MOST_HOURS}");
            problems.check(ok, "delivery.best_time_within_hours", message);
        }
        let first = self.ramp.map(|ramp| ramp.first_day);
        for (field, number) in [
            ("delivery.daily_cap", self.daily_cap),
            ("delivery.hourly_rate", self.hourly_rate),
            ("delivery.ramp.first_day", first),
        ] {
            let ok = number.is_none_or(|number| (1..=MOST).contains(&number));
            problems.check(ok, field, format!("must be 1 to {MOST}"));
        }
        if let Some(ramp) = self.ramp {
            // Also false for what is no number.
            let ok = (1.0..=10.0).contains(&ramp.factor);
            problems.check(ok, "delivery.ramp.factor", "must be 1 to 10");
        }
    }

    /// The first instant from `at` on in which a mail may leave to somebody whose clock hangs in `own`; the window's hangs in `zone`.
    ///
    /// For mails at the best hour nights are closed too, unless the window opens at night only.
    pub fn opens(&self, at: DateTime<Utc>, zone: Tz, own: Tz) -> DateTime<Utc> {
        let opening = |at: DateTime<Utc>| match &self.window {
            Some(window) => window.opening(at, zone).unwrap_or(at),
            None => at,
        };
        let first = opening(at);
        if self.best_time_within_hours.is_none() {
            return first;
        }
        let mut instant = first;
        for _ in 0..SEARCHED_HOURS {
            if !QuietHours::default().covers(&instant.with_timezone(&own)) {
                return instant;
            }
            instant = opening(next_hour(instant, own));
        }
        first
    }

    /// Whether a mail may leave to somebody at this instant.
    pub fn is_open(&self, at: DateTime<Utc>, zone: Tz, own: Tz) -> bool {
        self.opens(at, zone, own) == at
    }

    /// Most mails on a day before which there were `earlier` days with mails.
    pub fn day_limit(&self, earlier: u32) -> Option<u32> {
        let ramp = self.ramp.map(|ramp| ramp.limit(earlier));
        match (self.daily_cap, ramp) {
            (Some(cap), Some(ramp)) => Some(cap.min(ramp)),
            (cap, ramp) => cap.or(ramp),
        }
    }

    /// Most mails in the minute of an hour, 0 to 59: those of all minutes add up to the rate.
    pub fn minute_limit(&self, minute: u32) -> Option<u32> {
        let rate = u64::from(self.hourly_rate?);
        let until = |minutes: u64| rate * minutes / 60;
        // At most the rate.
        let share = until(u64::from(minute) + 1) - until(u64::from(minute));
        u32::try_from(share).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::FieldError;

    #[test]
    fn the_minutes_of_an_hour_add_up_to_its_rate() {
        for rate in [1, 30, 59, 60, 61, 1_000, 100_000_000] {
            let delivery = Delivery {
                hourly_rate: Some(rate),
                ..Delivery::default()
            };
            let shares: Vec<u32> = (0..60)
                .map(|minute| delivery.minute_limit(minute).unwrap())
                .collect();
            assert_eq!(shares.iter().sum::<u32>(), rate);
            let (most, least) = (shares.iter().max().unwrap(), shares.iter().min().unwrap());
            assert!(most - least <= 1, "{rate} is spread evenly");
        }
        assert_eq!(Delivery::default().minute_limit(3), None);
    }

    #[test]
    fn mails_at_the_best_hour_leave_neither_at_night_nor_outside_the_window() {
        use chrono_tz::{America::New_York, Europe::Berlin};
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let mut delivery = Delivery {
            best_time_within_hours: Some(24),
            ..Delivery::default()
        };
        // Four in the morning in New York.
        let early = at("2026-12-01T09:00:00Z");
        assert_eq!(
            delivery.opens(early, Berlin, New_York),
            at("2026-12-01T12:00:00Z")
        );
        assert!(delivery.is_open(early, Berlin, Berlin));
        delivery.window = serde_json::from_str(r#"{"from":"09:00","to":"14:00"}"#).ok();
        assert_eq!(
            delivery.opens(early, Berlin, New_York),
            at("2026-12-01T12:00:00Z")
        );
        // It is never day in New York while the window is open: the window counts.
        delivery.window = serde_json::from_str(r#"{"from":"09:00","to":"10:00"}"#).ok();
        assert_eq!(
            delivery.opens(early, Berlin, New_York),
            at("2026-12-02T08:00:00Z")
        );
        delivery.best_time_within_hours = None;
        assert_eq!(
            delivery.opens(early, Berlin, New_York),
            at("2026-12-02T08:00:00Z")
        );
        assert_eq!(Delivery::default().opens(early, Berlin, New_York), early);
    }

    #[test]
    fn the_smaller_of_cap_and_ramp_counts() {
        let mut delivery = Delivery {
            daily_cap: Some(150),
            ramp: Some(Ramp {
                first_day: 50,
                factor: 2.0,
            }),
            ..Delivery::default()
        };
        let days: Vec<_> = (0..4).map(|day| delivery.day_limit(day)).collect();
        assert_eq!(days, [Some(50), Some(100), Some(150), Some(150)]);
        delivery.daily_cap = None;
        assert_eq!(delivery.day_limit(3), Some(400));
        delivery.ramp = None;
        assert_eq!(delivery.day_limit(3), None);
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        let delivery: Delivery = serde_json::from_value(serde_json::json!({
            "window": { "days": ["monday"], "from": "17:00", "to": "09:00" },
            "best_time_within_hours": 0, "daily_cap": 0, "hourly_rate": 0, "ramp": { "first_day": 0, "factor": 0.5 }
        }))
        .unwrap();
        let mut problems = Problems::new();
        delivery.check(&mut problems);
        let fields: Vec<FieldError> = problems.into();
        let fields: Vec<_> = fields.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "delivery.window.to",
                "delivery.best_time_within_hours",
                "delivery.daily_cap",
                "delivery.hourly_rate",
                "delivery.ramp.first_day",
                "delivery.ramp.factor"
            ]
        );
        let mut problems = Problems::new();
        Delivery::default().check(&mut problems);
        assert!(problems.is_empty());
        assert!(!Delivery::default().is_paced());
    }
}
