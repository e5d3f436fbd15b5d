//! What became of the leads of each month.

use super::interval::{Share, wilson};
use super::set::{Counted, LeadSet};
use chrono::{DateTime, Months, NaiveDate, NaiveTime, Utc};
use serde::Serialize;

/// Months of thirty days, after which conversions are looked at.
pub const MONTHS: u32 = 12;
/// Days in one of them.
pub const DAYS: u32 = 30;

/// How many had converted before some age.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CohortMonth {
    /// 1 to 12: before they were so many times thirty days old.
    pub month: u32,
    pub converted: Counted,
    pub rate: Share,
    /// Every lead of the cohort is at least that old: the number will not change any more.
    pub complete: bool,
}

/// The leads that came in one calendar month (UTC).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cohort {
    /// For example `2026-11`.
    pub month: String,
    pub leads: Counted,
    pub months: Vec<CohortMonth>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CohortTable {
    /// The newest first; at most 36.
    pub cohorts: Vec<Cohort>,
}

/// Leads of a calendar month (its first day) that converted after so many thirds of ninety days, or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CohortCount {
    pub first_day: NaiveDate,
    /// Whole months of thirty days before the conversion; `None` for leads that have not converted.
    pub after: Option<i64>,
    pub leads: i64,
}

impl CohortTable {
    pub fn new(set: &LeadSet, counts: &[CohortCount], now: DateTime<Utc>) -> Self {
        let mut counts = counts.to_vec();
        counts.sort_by_key(|count| std::cmp::Reverse(count.first_day));
        let cohorts = counts
            .chunk_by(|a, b| a.first_day == b.first_day)
            .take(36)
            .map(|month| cohort(set, month, now))
            .collect();
        Self { cohorts }
    }
}

fn cohort(set: &LeadSet, counts: &[CohortCount], now: DateTime<Utc>) -> Cohort {
    let first = counts[0].first_day;
    let start = first.and_time(NaiveTime::MIN).and_utc();
    let end = first
        .checked_add_months(Months::new(1))
        .map_or(DateTime::<Utc>::MAX_UTC, |day| {
            day.and_time(NaiveTime::MIN).and_utc()
        });
    let set = LeadSet {
        created_from: Some(set.created_from.map_or(start, |from| from.max(start))),
        created_before: Some(set.created_before.map_or(end, |before| before.min(end))),
        ..set.clone()
    };
    let total: i64 = counts.iter().map(|count| count.leads).sum();
    let months = (1..=MONTHS)
        .map(|month| {
            let converted = counts
                .iter()
                .filter(|count| count.after.is_some_and(|after| after < i64::from(month)))
                .map(|count| count.leads)
                .sum();
            let age = chrono::TimeDelta::days(i64::from(month * DAYS));
            CohortMonth {
                month,
                converted: LeadSet {
                    converted_within_days: Some(month * DAYS),
                    ..set.clone()
                }
                .counted(converted),
                rate: wilson(converted, total),
                complete: now - end >= age,
            }
        })
        .collect();
    Cohort {
        month: first.format("%Y-%m").to_string(),
        leads: set.counted(total),
        months,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions_add_up_and_young_cohorts_say_so() {
        let first_day = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        let count = |after, leads| CohortCount {
            first_day,
            after,
            leads,
        };
        let now = NaiveDate::from_ymd_opt(2026, 4, 15)
            .unwrap()
            .and_time(NaiveTime::MIN)
            .and_utc();
        let table = CohortTable::new(
            &LeadSet::default(),
            &[count(None, 7), count(Some(0), 2), count(Some(1), 1)],
            now,
        );
        let cohort = &table.cohorts[0];
        assert_eq!((cohort.month.as_str(), cohort.leads.count), ("2026-01", 10));
        let converted: Vec<_> = cohort
            .months
            .iter()
            .take(3)
            .map(|m| (m.converted.count, m.complete))
            .collect();
        assert_eq!(converted, [(2, true), (3, true), (3, false)]);
        assert!(
            cohort.months[0]
                .converted
                .leads
                .contains("created_before=2026-02-01T00%3A00%3A00Z")
        );
    }
}
