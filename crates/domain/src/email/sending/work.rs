//! Looking at the DNS of domains again and again.

use crate::ids::SendingDomainId;
use crate::jobs::{JobPayload, Priority};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// Between two looks, give or take [`SPREAD`].
const PAUSE: TimeDelta = TimeDelta::days(1);
/// So that domains that were added together are not looked at together for ever.
const SPREAD: TimeDelta = TimeDelta::hours(2);

/// How long until a domain is looked at again: 22 to 26 hours. `jitter` is 0.0 to 1.0.
pub fn next_look(jitter: f64) -> TimeDelta {
    let spread = SPREAD.as_seconds_f64();
    #[expect(clippy::cast_possible_truncation, reason = "at most two hours")]
    let seconds = (spread * (2.0 * jitter.clamp(0.0, 1.0) - 1.0)) as i64;
    PAUSE + TimeDelta::seconds(seconds)
}

/// Looks at one domain.
#[derive(Debug, Serialize, Deserialize)]
pub struct CheckDomain {
    pub domain_id: SendingDomainId,
}

impl JobPayload for CheckDomain {
    const KIND: &'static str = "email.check_domain";
    const PRIORITY: Priority = Priority::Low;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_a_day_apart_give_or_take_two_hours() {
        assert_eq!(next_look(0.0), TimeDelta::hours(22));
        assert_eq!(next_look(0.5), TimeDelta::hours(24));
        assert_eq!(next_look(1.0), TimeDelta::hours(26));
    }
}
