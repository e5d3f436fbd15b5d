//! What a campaign would do if it were launched: how long it would take under its delivery, day by day.

use super::Delivery;
use crate::money::Currency;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::Serialize;

/// Days that are looked ahead.
const DAYS: u32 = 3_660;

/// Seconds of an hour.
const HOUR: i64 = 3_600;

crate::text_enum::text_enum! {
    /// Where a rate comes from.
    RateBasis {
        /// The fastest of the last campaigns that ran without caps.
        Measured => "measured",
        /// What the operator expects: no campaign has shown it yet.
        Configured => "configured",
    }
}

/// How fast mails leave when nothing holds them back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rate {
    pub per_hour: u32,
    pub basis: RateBasis,
}

/// Leads that get no mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Exclusion {
    /// As it will be said of the mail: `suppressed: hard_bounce`, `consent withdrawn`, `unconfirmed`, `frequency cap`.
    pub reason: String,
    pub leads: i64,
}

/// Mails of a day on the clock that caps count by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DayOfMails {
    pub date: NaiveDate,
    pub mails: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cost {
    /// In the main unit of `currency`, rounded to its smallest.
    #[serde(with = "rust_decimal::serde::float")]
    #[cfg_attr(feature = "openapi", schema(value_type = f64))]
    pub amount: Decimal,
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "EUR"))]
    pub currency: Currency,
    #[serde(with = "rust_decimal::serde::float")]
    #[cfg_attr(feature = "openapi", schema(value_type = f64))]
    pub per_thousand: Decimal,
}

impl Cost {
    pub fn of(mails: i64, per_thousand: Decimal, currency: Currency) -> Self {
        let amount = per_thousand * Decimal::from(mails) / Decimal::ONE_THOUSAND;
        Self {
            amount: amount.round_dp(currency.exponent()),
            currency,
            per_thousand,
        }
    }
}

/// What a launch at this moment would do.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Forecast {
    /// Whom the campaign means.
    pub audience: i64,
    /// Who of them would get no mail, by reason, the most frequent one first.
    pub excluded: Vec<Exclusion>,
    /// Who would get it later, as they had enough mails for now.
    pub postponed: i64,
    /// Audience less excluded.
    pub recipients: i64,
    pub starts_at: DateTime<Utc>,
    /// Absent when nobody gets one.
    pub first_mail_at: Option<DateTime<Utc>>,
    /// Absent when nobody gets one, or when it would take more than ten years.
    pub last_mail_at: Option<DateTime<Utc>>,
    /// From the start to the last mail.
    pub duration_seconds: Option<i64>,
    /// The first 31 days on which mails would leave.
    pub days: Vec<DayOfMails>,
    pub rate: Rate,
    /// Absent where the price is not known.
    pub cost: Option<Cost>,
    /// Why it could not be launched as it is; empty when it could.
    pub obstacles: Vec<String>,
    /// What is worth knowing before it is.
    pub warnings: Vec<String>,
}

/// A campaign that ran, and how long it took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastRun {
    pub sent: i64,
    pub launched_at: DateTime<Utc>,
    pub completed_at: DateTime<Utc>,
}

/// When mails would leave.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Course {
    pub first: Option<DateTime<Utc>>,
    /// Absent when it takes too long to be told.
    pub last: Option<DateTime<Utc>>,
    pub days: Vec<DayOfMails>,
}

impl Delivery {
    /// Plays the delivery of so many mails through, which leave with at most `per_hour`.
    pub fn course(&self, mails: u64, from: DateTime<Utc>, zone: Tz, per_hour: u32) -> Course {
        let per_hour = i64::from(
            self.hourly_rate
                .map_or(per_hour, |rate| rate.min(per_hour))
                .max(1),
        );
        let (mut course, mut left, mut at) = (Course::default(), mails, from);
        for _ in 0..DAYS {
            if left == 0 {
                return course;
            }
            let opens = self.opens(at, zone, zone);
            let midnight = next_day(opens, zone);
            let closing = self.window.as_ref().map(|window| window.closing(opens, zone));
            let ends = closing.map_or(midnight, |closing| closing.min(midnight));
            let earlier = u32::try_from(course.days.len()).unwrap_or(u32::MAX);
            let limit = self.day_limit(earlier).map_or(u64::MAX, u64::from);
            let room = (ends - opens).num_seconds().saturating_mul(per_hour) / HOUR;
            let today = left.min(limit).min(u64::try_from(room).unwrap_or(0).max(1));
            let seconds = i64::try_from(today).unwrap_or(i64::MAX).saturating_mul(HOUR) / per_hour;
            course.first.get_or_insert(opens);
            let date = opens.with_timezone(&zone).date_naive();
            course.days.push(DayOfMails { date, mails: today });
            left -= today;
            if left == 0 {
                course.last = Some((opens + TimeDelta::seconds(seconds)).min(ends));
            }
            at = if today == limit { midnight } else { ends };
        }
        course
    }
}

fn next_day(at: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let date = at.with_timezone(&zone).date_naive();
    let next = date.checked_add_days(Days::new(1)).unwrap_or(date);
    let midnight = next.and_time(chrono::NaiveTime::MIN);
    let found = zone.from_local_datetime(&midnight).earliest();
    found.map_or(at + TimeDelta::days(1), |instant| instant.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Europe::Berlin;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn delivery(json: &str) -> Delivery {
        serde_json::from_str(json).unwrap()
    }

    fn mails(course: &Course) -> Vec<u64> {
        course.days.iter().map(|day| day.mails).collect()
    }

    #[test]
    fn without_a_plan_the_rate_decides() {
        let start = at("2027-01-15T08:00:00Z");
        let course = Delivery::default().course(5_000, start, Berlin, 10_000);
        assert_eq!(course.first, Some(start));
        assert_eq!(course.last, Some(at("2027-01-15T08:30:00Z")));
        assert_eq!(mails(&course), [5_000]);
        assert_eq!(Delivery::default().course(0, start, Berlin, 1), Course::default());
    }

    #[test]
    fn days_windows_and_caps_are_played_through() {
        // Friday, nine o'clock in Berlin.
        let start = at("2027-01-15T08:00:00Z");
        let weekdays = delivery(
            r#"{"window":{"days":["friday","monday","tuesday"],"from":"10:00","to":"12:00"},"daily_cap":150}"#,
        );
        let course = weekdays.course(400, start, Berlin, 1_000);
        assert_eq!(mails(&course), [150, 150, 100]);
        assert_eq!(course.first, Some(at("2027-01-15T09:00:00Z")));
        assert_eq!(course.last, Some(at("2027-01-19T09:06:00Z")));
        assert_eq!(course.days[1].date.to_string(), "2027-01-18");
        // The window is shorter than the cap is large.
        let course = weekdays.course(400, start, Berlin, 50);
        assert_eq!(mails(&course)[..3], [100, 100, 100]);
    }

    #[test]
    fn a_ramp_grows_and_what_takes_for_ever_has_no_end() {
        let start = at("2027-01-15T08:00:00Z");
        let ramp = delivery(r#"{"ramp":{"first_day":100,"factor":2.0},"hourly_rate":6000}"#);
        let course = ramp.course(1_000, start, Berlin, 1_000_000);
        assert_eq!(mails(&course), [100, 200, 400, 300]);
        assert_eq!(course.last, Some(at("2027-01-17T23:03:00Z")));
        let never = delivery(r#"{"daily_cap":1}"#).course(1_000_000, start, Berlin, 100);
        assert_eq!((never.first, never.last), (Some(start), None));
    }

    #[test]
    fn a_price_is_rounded_to_the_smallest_coin() {
        let cost = Cost::of(12_345, "0.1".parse().unwrap(), Currency::EUR);
        assert_eq!(cost.amount.to_string(), "1.23");
        assert_eq!(Cost::of(0, Decimal::ONE, Currency::EUR).amount, Decimal::ZERO);
    }
}
