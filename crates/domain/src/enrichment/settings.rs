//! Whether new leads are enriched by themselves.

use crate::ids::LeadId;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

/// Off until somebody turns it on: it asks other servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnrichmentSettings {
    /// Leads that are added from now on are enriched within a minute or two.
    pub automatic: bool,
    /// At most so many of them a day (UTC); the others wait for the next one.
    pub daily_budget: i32,
    /// How many were enriched by themselves on the day of `spent_on`.
    pub spent: i32,
    pub spent_on: NaiveDate,
    /// The last lead that had its turn: leads are looked at in the order of their ids.
    #[serde(skip)]
    pub seen: Option<LeadId>,
}

impl EnrichmentSettings {
    pub const LARGEST_BUDGET: i32 = 100_000;

    /// What counts where nobody has decided.
    pub fn initial(now: DateTime<Utc>) -> Self {
        Self {
            automatic: false,
            daily_budget: 100,
            spent: 0,
            spent_on: now.date_naive(),
            seen: None,
        }
    }

    /// How many more leads may be enriched by themselves today.
    pub fn room(&self, now: DateTime<Utc>) -> u32 {
        let spent = if self.spent_on == now.date_naive() {
            self.spent
        } else {
            0
        };
        u32::try_from(self.daily_budget - spent).unwrap_or(0)
    }

    /// After so many more had their turn.
    #[must_use]
    pub fn after(self, count: i32, seen: Option<LeadId>, now: DateTime<Utc>) -> Self {
        let today = now.date_naive();
        let before = if self.spent_on == today { self.spent } else { 0 };
        Self {
            spent: before + count,
            spent_on: today,
            seen: seen.or(self.seen),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn a_budget_is_for_a_day() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let settings = EnrichmentSettings::initial(now);
        assert_eq!(settings.room(now), 100);
        let spent = settings.after(90, None, now).after(10, None, now);
        assert_eq!((spent.room(now), spent.spent), (0, 100));
        let tomorrow = now + TimeDelta::days(1);
        assert_eq!(spent.room(tomorrow), 100);
        assert_eq!(spent.after(1, None, tomorrow).spent, 1);
        let lower = EnrichmentSettings {
            daily_budget: 10,
            ..spent
        };
        assert_eq!(lower.room(now), 0);
    }
}
