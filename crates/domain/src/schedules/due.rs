//! What is to be run now, of moments that have come.

use super::Trigger;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::VecDeque;

/// What becomes of moments that nobody was there for. The defaults are those of the scheduler that this one replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Of several moments that have come, only the last one is run.
    pub coalesce: bool,
    /// Runs that may go on at the same time.
    pub max_instances: usize,
    /// A moment that is longer ago than this is not run any more.
    pub misfire_grace: TimeDelta,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            coalesce: false,
            max_instances: 3,
            misfire_grace: TimeDelta::seconds(300),
        }
    }
}

/// What has come of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// To be run now, the oldest moment first.
    pub run: Vec<DateTime<Utc>>,
    /// Moments within the grace that are not run, because too many runs go on.
    pub crowded_out: usize,
    /// Moments before the grace came and went.
    pub misfired: bool,
    /// The next one; `None` when it was the last.
    pub next: Option<DateTime<Utc>>,
}

impl Policy {
    /// Of a trigger whose next moment was `planned`, with so many runs that still go on.
    ///
    /// However long nobody was there, only the moments within the grace are looked at.
    pub fn due(&self, trigger: &Trigger, planned: DateTime<Utc>, now: DateTime<Utc>, running: usize) -> Due {
        let oldest = now - self.misfire_grace.max(TimeDelta::zero());
        let misfired = planned < oldest;
        let first = if misfired {
            // One microsecond before, because the oldest moment itself still counts.
            trigger.next_after(oldest - TimeDelta::microseconds(1))
        } else {
            Some(planned)
        };
        let room = self.max_instances.saturating_sub(running);
        // Those that come last are run: what is new is worth more than what is late.
        let keep = if self.coalesce { room.min(1) } else { room };
        let (mut run, mut crowded_out, mut next) = (VecDeque::with_capacity(keep), 0, first);
        while let Some(moment) = next.filter(|moment| *moment <= now) {
            run.push_back(moment);
            if run.len() > keep {
                run.pop_front();
                crowded_out += 1;
            }
            next = trigger.next_after(moment);
        }
        if self.coalesce && room > 0 {
            // They are one run.
            crowded_out = 0;
        }
        Due {
            run: run.into(),
            crowded_out,
            misfired,
            next,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn at(minute: i64) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 3, 1, 8, 0, 0).unwrap() + TimeDelta::minutes(minute)
    }

    fn every_minute() -> Trigger {
        Trigger::Interval {
            seconds: 60,
            start: at(0),
        }
    }

    #[test]
    fn what_was_missed_for_a_short_time_is_run_and_the_rest_is_not() {
        let policy = Policy {
            max_instances: 100,
            ..Policy::default()
        };
        let due = policy.due(&every_minute(), at(3), at(3), 0);
        assert_eq!(
            (due.run, due.misfired, due.next),
            (vec![at(3)], false, Some(at(4)))
        );
        let due = policy.due(&every_minute(), at(1), at(4), 0);
        assert_eq!(due.run, [at(1), at(2), at(3), at(4)]);
        let due = policy.due(&every_minute(), at(0), at(60), 0);
        assert_eq!(
            due.run,
            [at(55), at(56), at(57), at(58), at(59), at(60)],
            "five minutes, the edge too"
        );
        assert!(due.misfired);
        assert_eq!(due.next, Some(at(61)));
        let due = policy.due(&every_minute(), at(5), at(4), 0);
        assert_eq!((due.run, due.next), (vec![], Some(at(5))), "too early");
    }

    #[test]
    fn not_more_than_so_many_at_once() {
        let policy = Policy::default();
        let due = policy.due(&every_minute(), at(0), at(4), 0);
        assert_eq!((due.run, due.crowded_out), (vec![at(2), at(3), at(4)], 2));
        let due = policy.due(&every_minute(), at(4), at(4), 2);
        assert_eq!((due.run, due.crowded_out), (vec![at(4)], 0));
        let due = policy.due(&every_minute(), at(3), at(4), 3);
        assert_eq!((due.run, due.crowded_out, due.next), (vec![], 2, Some(at(5))));
        let due = policy.due(&every_minute(), at(4), at(4), 9);
        assert_eq!((due.run, due.crowded_out), (vec![], 1));
    }

    #[test]
    fn many_can_be_one() {
        let policy = Policy {
            coalesce: true,
            ..Policy::default()
        };
        let due = policy.due(&every_minute(), at(0), at(4), 0);
        assert_eq!(
            (due.run, due.crowded_out, due.next),
            (vec![at(4)], 0, Some(at(5)))
        );
        let due = policy.due(&every_minute(), at(0), at(4), 3);
        assert_eq!((due.run, due.crowded_out), (vec![], 5));
    }

    #[test]
    fn a_date_is_run_once_or_never() {
        let policy = Policy::default();
        let trigger = Trigger::Date { at: at(0) };
        let due = policy.due(&trigger, at(0), at(5), 0);
        assert_eq!((due.run, due.misfired, due.next), (vec![at(0)], false, None));
        let due = policy.due(&trigger, at(0), at(6), 0);
        assert_eq!((due.run, due.misfired, due.next), (vec![], true, None));
    }

    #[test]
    fn a_year_without_a_scheduler_costs_no_more_than_five_minutes() {
        let due = Policy::default().due(&every_minute(), at(0), at(0) + TimeDelta::days(3650), 0);
        assert_eq!((due.run.len(), due.crowded_out), (3, 3));
    }
}
