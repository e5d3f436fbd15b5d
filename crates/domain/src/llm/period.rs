//! The time that a budget is for.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, Utc};

crate::text_enum::text_enum! {
    /// Days and months of the calendar, in UTC: vendors' invoices go by it, too.
    Period {
        Day => "day",
        Month => "month",
    }
}

impl Period {
    /// The first day of the period that this moment is in.
    pub fn start(self, now: DateTime<Utc>) -> NaiveDate {
        let today = now.date_naive();
        match self {
            Self::Day => today,
            Self::Month => today.with_day(1).unwrap_or(today),
        }
    }

    /// When the next period begins.
    pub fn end(self, now: DateTime<Utc>) -> DateTime<Utc> {
        let start = self.start(now);
        let next = match self {
            Self::Day => start.checked_add_days(Days::new(1)),
            Self::Month => start.checked_add_months(Months::new(1)),
        };
        next.unwrap_or(start).and_time(NaiveTime::MIN).and_utc()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_months_end_at_midnight_utc() {
        let now = "2027-12-31T23:59:59.9Z".parse().unwrap();
        assert_eq!(Period::Day.start(now).to_string(), "2027-12-31");
        assert_eq!(Period::Month.start(now).to_string(), "2027-12-01");
        for period in Period::ALL {
            assert_eq!(period.end(now).to_rfc3339(), "2028-01-01T00:00:00+00:00");
        }
    }
}
