//! A length of time, as people say it.

use chrono::{DateTime, Days, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// Longest pause, in days.
const MOST_DAYS: u32 = 730;

/// Days are those of the lead's calendar: three days after nine o'clock it is nine o'clock, also when clocks were set meanwhile.
/// Hours and minutes are counted after them, as they pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Pause {
    #[serde(default, skip_serializing_if = "is_zero")]
    pub days: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub hours: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub minutes: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Pause {
    pub fn days(days: u32) -> Self {
        Self {
            days,
            ..Self::default()
        }
    }

    /// What is wrong with it: it takes at least a minute, and at most two years.
    pub fn check(self) -> Result<(), String> {
        let days = u64::from(self.days) + u64::from(self.hours) / 24 + u64::from(self.minutes) / 1440;
        if self == Self::default() {
            return Err("must be at least a minute: give days, hours or minutes".into());
        }
        if days > u64::from(MOST_DAYS) {
            return Err(format!("must be at most {MOST_DAYS} days"));
        }
        Ok(())
    }

    /// When it is over on a clock of this zone.
    pub fn after(self, start: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
        let rest = TimeDelta::hours(self.hours.into()) + TimeDelta::minutes(self.minutes.into());
        let local = start.with_timezone(&zone).naive_local();
        let day = local
            .checked_add_days(Days::new(self.days.into()))
            .unwrap_or(local);
        let begun = if self.days == 0 { start } else { instant(day, zone) };
        begun + rest
    }
}

/// When a clock of this zone shows a time: the first instant of two, and where clocks were put forward the first one after.
pub(super) fn instant(local: chrono::NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    (0..=6)
        .map(|quarters| local + TimeDelta::minutes(30 * quarters))
        .find_map(|local| zone.from_local_datetime(&local).earliest())
        .map_or_else(|| local.and_utc(), |found| found.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_of_the_calendar_and_hours_are_of_the_clock() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let berlin: Tz = "Europe/Berlin".parse().unwrap();
        // Clocks are put forward on 2026-03-29 and back on 2026-10-25.
        let start = at("2026-03-28T08:00:00Z");
        assert_eq!(Pause::days(1).after(start, berlin), at("2026-03-29T07:00:00Z"));
        assert_eq!(Pause::days(1).after(start, Tz::UTC), at("2026-03-29T08:00:00Z"));
        let day = Pause {
            hours: 24,
            ..Pause::default()
        };
        assert_eq!(day.after(start, berlin), at("2026-03-29T08:00:00Z"));
        // Half past two does not exist on that day, and exists twice on the other one.
        assert_eq!(
            Pause::days(1).after(at("2026-03-28T01:30:00Z"), berlin),
            at("2026-03-29T01:00:00Z")
        );
        assert_eq!(
            Pause::days(1).after(at("2026-10-24T00:30:00Z"), berlin),
            at("2026-10-25T00:30:00Z")
        );
        assert!(Pause::default().check().is_err() && Pause::days(731).check().is_err());
        assert!(Pause::days(730).check().is_ok());
    }
}
