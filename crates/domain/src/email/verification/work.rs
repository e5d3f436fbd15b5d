//! Asking the DNS, later: a sweep finds leads that are due and asks once for each domain.

use super::Verdict;
use crate::ids::LeadId;
use crate::jobs::{JobPayload, Priority};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Asks about the domains of the organization's leads that are due.
#[derive(Debug, Serialize, Deserialize)]
pub struct VerifyLeads {}

impl JobPayload for VerifyLeads {
    const KIND: &'static str = "leads.verify";
    const PRIORITY: Priority = Priority::Low;
}

/// A lead whose address is to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub id: LeadId,
    pub email: crate::email::EmailAddress,
    pub created_at: DateTime<Utc>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    pub id: LeadId,
    /// The address that was looked at: if the lead has another one by now, nothing is written.
    pub email_key: String,
    pub verification: super::Verification,
    /// When to ask again; `None`: not again.
    pub next: Option<DateTime<Utc>>,
}

/// When to ask again. A domain that takes mail is believed. Others are asked again in as much time as the lead has been here:
/// an hour at least (a day when it said no), a month at most. So the waits double without anybody counting them.
pub fn next_check(mx: Verdict, created_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let least = match mx {
        Verdict::Yes => return None,
        Verdict::No => TimeDelta::days(1),
        Verdict::Unknown => TimeDelta::hours(1),
    };
    Some(now + (now - created_at).clamp(least, TimeDelta::days(30)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_between_their_bounds() {
        let start = DateTime::UNIX_EPOCH;
        let after = |mx, hours| {
            next_check(mx, start, start + TimeDelta::hours(hours)).map(|at| (at - start).num_hours())
        };
        assert_eq!(after(Verdict::Yes, 0), None);
        assert_eq!(after(Verdict::Unknown, 0), Some(1));
        assert_eq!(after(Verdict::Unknown, 1), Some(2));
        assert_eq!(after(Verdict::Unknown, 8), Some(16));
        assert_eq!(after(Verdict::No, 1), Some(25));
        assert_eq!(after(Verdict::Unknown, 10_000), Some(10_720));
        // A clock that was set back.
        assert_eq!(after(Verdict::Unknown, -3), Some(-2));
    }
}
