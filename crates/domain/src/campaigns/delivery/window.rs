//! Days and hours in which mails may leave, on somebody's clock.

use crate::locale::TimeZone;
use crate::validate::Problems;
use chrono::{
    DateTime, Datelike, Days, MappedLocalTime, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Timelike, Utc,
};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Minutes of a day.
const MIDNIGHT: u16 = 24 * 60;

/// An opening is looked for so far: a weekly one that falls into an hour which summer time skips comes a week later.
const SEARCHED_DAYS: u64 = 15;

crate::text_enum::text_enum! {
    Day {
        Monday => "monday",
        Tuesday => "tuesday",
        Wednesday => "wednesday",
        Thursday => "thursday",
        Friday => "friday",
        Saturday => "saturday",
        Sunday => "sunday",
    }
}

/// A time of the day in minutes: `00:00` to `24:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    pub const START: Self = Self(0);
    pub const END: Self = Self(MIDNIGHT);
}

impl FromStr for TimeOfDay {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "must be a time of the day, 00:00 to 24:00".to_owned();
        let digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        let (hours, minutes) = text.split_once(':').ok_or_else(wrong)?;
        if !digits(hours) || !digits(minutes) {
            return Err(wrong());
        }
        let number = |part: &str| part.parse::<u16>().map_err(|_| wrong());
        let (hours, minutes) = (number(hours)?, number(minutes)?);
        let all = hours * 60 + minutes;
        if minutes < 60 && all <= MIDNIGHT {
            Ok(Self(all))
        } else {
            Err(wrong())
        }
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// Whose clock counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Zone {
    /// The organization's.
    #[default]
    Organization,
    /// Each lead's own: that of its custom field `time_zone`, else the organization's.
    Lead,
    Named(TimeZone),
}

impl FromStr for Zone {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "organization" => Ok(Self::Organization),
            "lead" => Ok(Self::Lead),
            name => name
                .parse()
                .map(Self::Named)
                .map_err(|sentence: String| format!("{sentence}, or lead, or organization")),
        }
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organization => f.write_str("organization"),
            Self::Lead => f.write_str("lead"),
            Self::Named(zone) => f.write_str(zone.name()),
        }
    }
}

macro_rules! as_text {
    ($($kind:ty),*) => {$(
        impl Serialize for $kind {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $kind {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}
as_text!(TimeOfDay, Zone);

/// Open on some days from one time to before another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SendWindow {
    /// Every day when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Day>,
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "09:00"))]
    pub from: TimeOfDay,
    /// Exclusive.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "17:00"))]
    pub to: TimeOfDay,
    /// `organization` (when absent), `lead`, or the name of a zone.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "Europe/Berlin"))]
    pub time_zone: Zone,
}

impl SendWindow {
    pub(super) fn check(&self, problems: &mut Problems, field: &str) {
        let message = "must be after from: a window ends on the day on which it begins";
        problems.check(self.from < self.to, &format!("{field}.to"), message);
        problems.check(
            self.days.len() <= 7,
            &format!("{field}.days"),
            "must name each day once",
        );
    }

    /// Whether mails may leave on such a day at all.
    pub fn has_day(&self, date: NaiveDate) -> bool {
        let index = date.weekday().num_days_from_monday() as usize;
        self.days.is_empty() || Day::ALL.get(index).is_some_and(|day| self.days.contains(day))
    }

    pub fn is_open(&self, at: DateTime<Utc>, zone: Tz) -> bool {
        let local = at.with_timezone(&zone);
        let minutes = local.hour() * 60 + local.minute();
        self.has_day(local.date_naive()) && (u32::from(self.from.0)..u32::from(self.to.0)).contains(&minutes)
    }

    /// The first instant from `at` on in which it is open. `None` for a window that never opens.
    ///
    /// A window within an hour that summer time skips does not open on that day; in an hour that comes twice it is open twice.
    pub fn opening(&self, at: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        if self.is_open(at, zone) {
            return Some(at);
        }
        let today = at.with_timezone(&zone).date_naive();
        (0..SEARCHED_DAYS)
            .filter_map(|day| today.checked_add_days(Days::new(day)))
            .flat_map(|date| instants(date, self.from, zone))
            .find(|instant| *instant >= at && self.is_open(*instant, zone))
    }

    /// When the opening ends that `at` lies in.
    pub fn closing(&self, at: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
        let date = at.with_timezone(&zone).date_naive();
        let ends = instants(date, self.to, zone);
        ends.into_iter().find(|end| *end > at).unwrap_or(at)
    }
}

/// When a clock in this zone shows a time on a date: twice when the hour comes twice; where clocks go forward over it, when they do.
fn instants(date: NaiveDate, time: TimeOfDay, zone: Tz) -> Vec<DateTime<Utc>> {
    let local = date.and_time(NaiveTime::MIN) + TimeDelta::minutes(time.0.into());
    match zone.from_local_datetime(&local) {
        MappedLocalTime::Single(instant) => vec![instant.to_utc()],
        MappedLocalTime::Ambiguous(first, second) => vec![first.to_utc(), second.to_utc()],
        // Gaps are whole quarters of hours, and hours at most but for zones that skipped a day.
        MappedLocalTime::None => (1..=4 * 25)
            .map(|quarter| local + TimeDelta::minutes(15 * quarter))
            .find_map(|later| zone.from_local_datetime(&later).earliest())
            .map(|instant| instant.to_utc())
            .into_iter()
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Europe::Berlin;

    fn window(days: &[Day], from: &str, to: &str) -> SendWindow {
        SendWindow {
            days: days.to_vec(),
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            time_zone: Zone::Organization,
        }
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn nine_to_five_is_that_in_summer_and_in_winter() {
        let office = window(&[], "09:00", "17:00");
        for (asked, opens) in [
            ("2026-07-01T05:00:00Z", "2026-07-01T07:00:00Z"),
            ("2026-12-01T05:00:00Z", "2026-12-01T08:00:00Z"),
            ("2026-12-01T09:30:00Z", "2026-12-01T09:30:00Z"),
            ("2026-12-01T16:00:00Z", "2026-12-02T08:00:00Z"),
            // The night in which clocks go forward, and the one in which they go back.
            ("2026-03-28T20:00:00Z", "2026-03-29T07:00:00Z"),
            ("2026-10-24T20:00:00Z", "2026-10-25T08:00:00Z"),
        ] {
            assert_eq!(office.opening(at(asked), Berlin), Some(at(opens)), "{asked}");
        }
        assert_eq!(
            office.closing(at("2026-07-01T07:00:00Z"), Berlin),
            at("2026-07-01T15:00:00Z")
        );
    }

    #[test]
    fn only_its_days_count() {
        let week = window(&[Day::Monday, Day::Friday], "00:00", "24:00");
        // A Saturday.
        assert_eq!(
            week.opening(at("2026-11-21T12:00:00Z"), Berlin),
            Some(at("2026-11-22T23:00:00Z"))
        );
        assert!(week.is_open(at("2026-11-23T22:59:59Z"), Berlin));
        assert!(!week.is_open(at("2026-11-23T23:00:00Z"), Berlin));
        assert_eq!(
            week.closing(at("2026-11-22T23:00:00Z"), Berlin),
            at("2026-11-23T23:00:00Z")
        );
    }

    #[test]
    fn an_hour_that_is_skipped_never_opens_and_one_that_comes_twice_opens_twice() {
        let night = window(&[], "02:00", "03:00");
        assert_eq!(
            night.opening(at("2026-03-28T12:00:00Z"), Berlin),
            Some(at("2026-03-30T00:00:00Z")),
            "there is no two o'clock on the 29th"
        );
        let sundays = window(&[Day::Sunday], "02:15", "02:45");
        assert_eq!(
            sundays.opening(at("2026-03-28T12:00:00Z"), Berlin),
            Some(at("2026-04-05T00:15:00Z")),
            "a week later"
        );
        for (asked, opens) in [
            ("2026-10-25T00:00:00Z", "2026-10-25T00:15:00Z"),
            ("2026-10-25T00:50:00Z", "2026-10-25T01:15:00Z"),
            ("2026-10-25T01:50:00Z", "2026-11-01T01:15:00Z"),
        ] {
            assert_eq!(sundays.opening(at(asked), Berlin), Some(at(opens)), "{asked}");
        }
        assert_eq!(
            sundays.closing(at("2026-10-25T01:20:00Z"), Berlin),
            at("2026-10-25T01:45:00Z")
        );
    }

    #[test]
    fn a_window_that_begins_in_the_gap_opens_when_clocks_were_set() {
        let early = window(&[], "02:30", "10:00");
        assert_eq!(
            early.opening(at("2026-03-28T23:30:00Z"), Berlin),
            Some(at("2026-03-29T01:00:00Z"))
        );
    }

    #[test]
    fn times_and_zones_are_texts() {
        for wrong in ["", "9:00", "24:01", "12:60", "1200", "aa:bb", "-1:00", "+1:00"] {
            assert!(wrong.parse::<TimeOfDay>().is_err(), "{wrong}");
        }
        let text = r#"{"days":["friday"],"from":"09:05","to":"24:00","time_zone":"Asia/Kathmandu"}"#;
        let read: SendWindow = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
        for zone in ["lead", "organization", "Europe/Berlin"] {
            assert_eq!(zone.parse::<Zone>().unwrap().to_string(), zone);
        }
        assert!("Mars/Olympus".parse::<Zone>().unwrap_err().contains("or lead"));
        assert!(
            serde_json::from_str::<SendWindow>(r#"{"days":["funday"],"from":"09:00","to":"10:00"}"#).is_err()
        );
    }
}
