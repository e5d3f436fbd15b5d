//! How much marketing mail an organization sends to one person, and what mail costs it.

use crate::validate::Problems;
use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Most mails of a cap.
const MOST: u32 = 1_000;

/// Highest price.
const DEAREST: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);

/// What is null is not limited, or not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Mailing {
    /// Most marketing mails to one lead within 24 hours, over all campaigns and sequences.
    #[serde(default)]
    pub per_lead_day: Option<u32>,
    /// The same within seven days.
    #[serde(default)]
    pub per_lead_week: Option<u32>,
    /// What 1,000 mails cost, in the main unit of the organization's currency.
    #[serde(default, with = "rust_decimal::serde::float_option")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>, example = 0.1))]
    pub price_per_thousand: Option<Decimal>,
}

impl Mailing {
    /// For how long a mail counts, at most.
    pub const COUNTED: TimeDelta = TimeDelta::days(7);

    pub fn check(&self, problems: &mut Problems) {
        for (field, cap) in [
            ("mailing.per_lead_day", self.per_lead_day),
            ("mailing.per_lead_week", self.per_lead_week),
        ] {
            let ok = cap.is_none_or(|cap| (1..=MOST).contains(&cap));
            problems.check(ok, field, format!("must be 1 to {MOST}, or null for no limit"));
        }
        let ok = self
            .price_per_thousand
            .is_none_or(|price| price >= Decimal::ZERO && price <= DEAREST);
        let message = format!("must be 0 to {DEAREST}, or null where it is not known");
        problems.check(ok, "mailing.price_per_thousand", message);
    }

    pub fn has_caps(&self) -> bool {
        self.per_lead_day.is_some() || self.per_lead_week.is_some()
    }

    /// When a lead that was sent mails at these moments may get another one; `None` when it may now.
    pub fn free_at(&self, sent: &[DateTime<Utc>], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut newest = sent.to_vec();
        newest.sort_unstable_by(|a, b| b.cmp(a));
        let caps = [
            (self.per_lead_day, TimeDelta::days(1)),
            (self.per_lead_week, Self::COUNTED),
        ];
        let free = caps.into_iter().filter_map(|(cap, time)| {
            let last = usize::try_from(cap?).ok()?.checked_sub(1)?;
            // The oldest of as many as the cap allows: when it no longer counts there is room for one.
            Some(*newest.get(last)? + time)
        });
        free.filter(|free| *free > now).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::hours(hour)
    }

    #[test]
    fn a_cap_frees_when_the_oldest_mail_no_longer_counts() {
        let caps = Mailing {
            per_lead_day: Some(2),
            per_lead_week: Some(3),
            price_per_thousand: None,
        };
        assert_eq!(caps.free_at(&[], at(0)), None);
        assert_eq!(caps.free_at(&[at(0)], at(1)), None);
        assert_eq!(caps.free_at(&[at(0), at(5)], at(6)), Some(at(24)));
        assert_eq!(caps.free_at(&[at(0), at(5)], at(24)), None, "exactly a day later");
        // In any order; the week is what holds it back.
        assert_eq!(caps.free_at(&[at(30), at(0), at(31)], at(32)), Some(at(7 * 24)));
        assert_eq!(caps.free_at(&[at(30), at(100), at(0)], at(101)), Some(at(7 * 24)));
        assert_eq!(Mailing::default().free_at(&[at(0); 50], at(0)), None);
    }

    #[test]
    fn a_price_may_be_nothing_and_may_be_unknown() {
        for (price, ok) in [
            (Some(0), true),
            (None, true),
            (Some(-1), false),
            (Some(1_000_001), false),
        ] {
            let mailing = Mailing {
                price_per_thousand: price.map(Decimal::from),
                per_lead_day: ok.then_some(1),
                ..Mailing::default()
            };
            let mut problems = Problems::new();
            mailing.check(&mut problems);
            assert_eq!(problems.is_empty(), ok, "{price:?}");
        }
    }
}
