//! When mails of a sequence may leave.

use crate::timing::{HourOfWeek, Model, QuietHours};
use crate::validate::Problems;
use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// How far a slot is looked for, in hours: one month, as far as habits are good for.
const FARTHEST: i64 = 24 * 31;
/// The best hour is looked for in the hours of one day from the first one that is allowed.
const BEST_WITHIN: TimeDelta = TimeDelta::hours(24);
/// Most windows of one sequence.
const MOST_WINDOWS: usize = 14;

crate::text_enum::text_enum! {
    Day {
        Monday => "mon",
        Tuesday => "tue",
        Wednesday => "wed",
        Thursday => "thu",
        Friday => "fri",
        Saturday => "sat",
        Sunday => "sun",
    }
}

impl Day {
    fn of(day: Weekday) -> Self {
        match day {
            Weekday::Mon => Self::Monday,
            Weekday::Tue => Self::Tuesday,
            Weekday::Wed => Self::Wednesday,
            Weekday::Thu => Self::Thursday,
            Weekday::Fri => Self::Friday,
            Weekday::Sat => Self::Saturday,
            Weekday::Sun => Self::Sunday,
        }
    }
}

crate::text_enum::text_enum! {
    /// Whose clock counts.
    ZoneOf {
        /// The lead's, if its custom field `time_zone` names one, else the organization's.
        Lead => "lead",
        Organization => "organization",
    }
}

/// Full hours of every day in which nobody is disturbed; over midnight if `until` is smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Quiet {
    pub from: u32,
    pub until: u32,
}

/// Full hours of some days of the week, from the first one to before the second one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SendWindow {
    /// Every day when empty.
    #[serde(default)]
    pub days: Vec<Day>,
    pub from: u32,
    /// At most 24.
    pub until: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = SequenceTiming))]
pub struct Timing {
    #[serde(default = "of_lead")]
    pub time_zone: ZoneOf,
    /// Ten in the evening to seven in the morning when absent; null for none.
    #[serde(default = "nights")]
    pub quiet_hours: Option<Quiet>,
    /// Mails leave in one of these only; at any hour that is not quiet without them.
    #[serde(default)]
    pub windows: Vec<SendWindow>,
    /// Mails wait for the hour, of the next 24 that are allowed, in which the lead is most likely to look.
    #[serde(default)]
    pub best_time: bool,
}

fn of_lead() -> ZoneOf {
    ZoneOf::Lead
}

#[expect(clippy::unnecessary_wraps, reason = "the value of a field that can be null")]
fn nights() -> Option<Quiet> {
    Some(Quiet { from: 22, until: 7 })
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            time_zone: of_lead(),
            quiet_hours: nights(),
            windows: Vec::new(),
            best_time: false,
        }
    }
}

impl Timing {
    pub(super) fn check(&self, problems: &mut Problems) {
        if let Some(quiet) = self.quiet_hours {
            problems.take("timing.quiet_hours", QuietHours::new(quiet.from, quiet.until));
        }
        problems.check(
            self.windows.len() <= MOST_WINDOWS,
            "timing.windows",
            format!("at most {MOST_WINDOWS} windows"),
        );
        for (index, window) in self.windows.iter().enumerate() {
            problems.check(
                window.from < window.until && window.until <= 24,
                &format!("timing.windows[{index}]"),
                "a window begins at a full hour and ends at a later one, at most 24",
            );
        }
        let monday = DateTime::UNIX_EPOCH + TimeDelta::days(4);
        let any = (0..168).any(|hour| self.allows(monday + TimeDelta::hours(hour), Tz::UTC));
        problems.check(
            any,
            "timing",
            "all windows lie in quiet hours: no mail could ever leave",
        );
    }

    fn quiet(&self) -> QuietHours {
        let hours = self
            .quiet_hours
            .map(|quiet| QuietHours::new(quiet.from, quiet.until));
        hours.and_then(Result::ok).unwrap_or(QuietHours::NONE)
    }

    /// Whether a mail may leave at this moment.
    pub fn allows(&self, at: DateTime<Utc>, zone: Tz) -> bool {
        let local = at.with_timezone(&zone);
        let day = Day::of(local.weekday());
        let open = |window: &SendWindow| {
            (window.days.is_empty() || window.days.contains(&day))
                && (window.from..window.until).contains(&local.hour())
        };
        !self.quiet().covers(&local) && (self.windows.is_empty() || self.windows.iter().any(open))
    }

    /// The first moment from `now` on at which a mail may leave, or the best one of the day that begins there. Hours are looked
    /// at one after the other as they happen, so that it does not matter when clocks are set.
    pub fn slot(&self, now: DateTime<Utc>, zone: Tz, habits: Option<&Model>) -> DateTime<Utc> {
        let mut hours = std::iter::successors(Some(now), |at| Some(next_hour(*at, zone)))
            .take_while(|at| *at - now < TimeDelta::hours(FARTHEST))
            .filter(|at| self.allows(*at, zone));
        let Some(first) = hours.next() else {
            // Checked when the sequence was saved; a month without an allowed hour is none that was checked.
            return now;
        };
        let Some(model) = habits.filter(|_| self.best_time) else {
            return first;
        };
        let chance = |at: DateTime<Utc>| model.chance(HourOfWeek::of(&at.with_timezone(&zone)));
        let mut best = (first, chance(first));
        for at in hours.take_while(|at| *at - first < BEST_WITHIN) {
            if chance(at) > best.1 {
                best = (at, chance(at));
            }
        }
        best.0
    }
}

/// The next instant at which an hour begins on a clock of this zone.
fn next_hour(instant: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let local = instant.with_timezone(&zone);
    let into = TimeDelta::minutes(local.minute().into())
        + TimeDelta::seconds(local.second().into())
        + TimeDelta::nanoseconds(local.nanosecond().into());
    instant + TimeDelta::hours(1) - into
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timing::{HourCount, Hours};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn quiet_hours_and_windows_are_of_the_leads_clock_also_when_clocks_are_set() {
        let berlin: Tz = "Europe/Berlin".parse().unwrap();
        let timing = Timing {
            windows: vec![SendWindow {
                days: vec![Day::Sunday, Day::Monday],
                from: 2,
                until: 9,
            }],
            ..Timing::default()
        };
        // Quiet until seven: on the day on which clocks are put forward that is 05:00 in UTC, the day before 06:00.
        assert_eq!(
            timing.slot(at("2026-03-28T23:30:00Z"), berlin, None),
            at("2026-03-29T05:00:00Z")
        );
        assert_eq!(
            timing.slot(at("2026-03-29T06:59:59Z"), berlin, None),
            at("2026-03-29T06:59:59Z")
        );
        assert_eq!(
            timing.slot(at("2026-03-29T07:00:00Z"), berlin, None),
            at("2026-03-30T05:00:00Z")
        );
        // And back: the night is an hour longer.
        assert_eq!(
            timing.slot(at("2026-10-24T23:30:00Z"), berlin, None),
            at("2026-10-25T06:00:00Z")
        );
        let none = Timing {
            quiet_hours: None,
            ..Timing::default()
        };
        assert_eq!(
            none.slot(at("2026-03-28T23:30:00Z"), berlin, None),
            at("2026-03-28T23:30:00Z")
        );
    }

    #[test]
    fn no_window_may_lie_in_the_night_alone() {
        let mut timing = Timing::default();
        timing.windows.push(SendWindow {
            days: Vec::new(),
            from: 23,
            until: 24,
        });
        let mut problems = Problems::new();
        timing.check(&mut problems);
        assert!(!problems.is_empty());
    }

    #[test]
    fn the_best_hour_is_the_leads_own_where_it_is_allowed() {
        let afternoon = HourCount {
            hour: at("2026-03-04T15:00:00Z"),
            events: 200,
        };
        let own = Hours::local(&[afternoon], Tz::UTC);
        let model = Model::new(&own, &Hours::default());
        let best = Timing {
            best_time: true,
            ..Timing::default()
        };
        // Wednesday, a week later.
        let morning = at("2026-03-11T08:20:00Z");
        assert_eq!(
            best.slot(morning, Tz::UTC, Some(&model)),
            at("2026-03-11T15:00:00Z")
        );
        assert_eq!(best.slot(morning, Tz::UTC, None), morning);
        assert_eq!(Timing::default().slot(morning, Tz::UTC, Some(&model)), morning);
        let mornings = Timing {
            windows: vec![SendWindow {
                days: Vec::new(),
                from: 8,
                until: 12,
            }],
            ..best
        };
        let slot = mornings.slot(morning, Tz::UTC, Some(&model));
        assert!(
            mornings.allows(slot, Tz::UTC) && slot < morning + TimeDelta::hours(24),
            "{slot}"
        );
    }
}
