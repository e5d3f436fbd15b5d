//! A schedule as an organization keeps it.

use super::{Due, Policy, ScheduledAction, Trigger};
use crate::ids::ScheduleId;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

crate::text_enum::text_enum! {
    /// What became of the last moment that came.
    RunOutcome {
        /// It was run.
        Run => "run",
        /// It was longer ago than the misfire grace when somebody came to it.
        Misfired => "misfired",
        /// Too many runs went on.
        CrowdedOut => "crowded_out",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Schedule {
    pub id: ScheduleId,
    pub name: String,
    pub action: ScheduledAction,
    pub trigger: Trigger,
    /// Of several moments that have come, only the last one is run.
    pub coalesce: bool,
    /// Runs that may go on at the same time.
    pub max_instances: i32,
    /// Seconds after which a moment that came is not run any more.
    pub misfire_grace: i32,
    /// False while it is paused.
    pub enabled: bool,
    /// Null when it is paused, and when its last moment has come.
    pub next_run_at: Option<DateTime<Utc>>,
    /// The moment of the last run; of one by hand, when it was asked for.
    pub last_run_at: Option<DateTime<Utc>>,
    pub last_outcome: Option<RunOutcome>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
}

impl Schedule {
    pub fn policy(&self) -> Policy {
        Policy {
            coalesce: self.coalesce,
            max_instances: usize::try_from(self.max_instances).unwrap_or(0),
            misfire_grace: TimeDelta::seconds(i64::from(self.misfire_grace)),
        }
    }

    /// The moment that has come, if one has.
    pub fn planned(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.next_run_at.filter(|next| self.enabled && *next <= now)
    }

    /// Begins anew: moments until now are not made up for.
    pub fn plan(&mut self, now: DateTime<Utc>) {
        self.next_run_at = self.enabled.then(|| self.trigger.next_after(now)).flatten();
    }

    /// Moves on after moments have come.
    pub fn advance(&mut self, due: &Due) {
        self.next_run_at = due.next;
        self.last_run_at = due.run.last().copied().or(self.last_run_at);
        if !due.run.is_empty() {
            self.last_outcome = Some(RunOutcome::Run);
        } else if due.crowded_out > 0 {
            self.last_outcome = Some(RunOutcome::CrowdedOut);
        } else if due.misfired {
            self.last_outcome = Some(RunOutcome::Misfired);
        }
    }

    /// Somebody runs it by hand.
    pub fn ran(&mut self, now: DateTime<Utc>) {
        self.last_run_at = Some(now);
        self.last_outcome = Some(RunOutcome::Run);
    }
}

crate::sort_fields! {
    /// How schedules can be ordered.
    ScheduleSort { CreatedAt => "created_at": Time, UpdatedAt => "updated_at": Time, Name => "name": Text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule() -> Schedule {
        let at = DateTime::UNIX_EPOCH;
        Schedule {
            id: uuid::Uuid::nil().into(),
            name: "Nightly".to_owned(),
            action: ScheduledAction::ScanDuplicates {},
            trigger: Trigger::Interval {
                seconds: 60,
                start: at,
            },
            coalesce: false,
            max_instances: 3,
            misfire_grace: 300,
            enabled: true,
            next_run_at: Some(at),
            last_run_at: None,
            last_outcome: None,
            created_at: at,
            updated_at: at,
            version: 1,
        }
    }

    #[test]
    fn a_moment_has_come_only_while_it_is_not_paused() {
        let at = DateTime::UNIX_EPOCH;
        let mut one = schedule();
        assert_eq!(one.planned(at), Some(at));
        assert_eq!(one.planned(at - TimeDelta::microseconds(1)), None);
        one.enabled = false;
        assert_eq!(one.planned(at), None);
        one.plan(at);
        assert_eq!(one.next_run_at, None);
        one.enabled = true;
        one.plan(at);
        assert_eq!(
            one.next_run_at,
            Some(at + TimeDelta::seconds(60)),
            "not the one that is now"
        );
    }

    #[test]
    fn what_became_of_the_last_moment_is_kept() {
        let at = DateTime::UNIX_EPOCH;
        let mut one = schedule();
        for (run, crowded_out, misfired, outcome, last_run_at) in [
            (
                vec![at, at + TimeDelta::seconds(60)],
                1,
                true,
                RunOutcome::Run,
                Some(at + TimeDelta::seconds(60)),
            ),
            (
                vec![],
                1,
                true,
                RunOutcome::CrowdedOut,
                Some(at + TimeDelta::seconds(60)),
            ),
            (
                vec![],
                0,
                true,
                RunOutcome::Misfired,
                Some(at + TimeDelta::seconds(60)),
            ),
        ] {
            let due = Due {
                run,
                crowded_out,
                misfired,
                next: None,
            };
            one.advance(&due);
            assert_eq!((one.last_outcome, one.last_run_at), (Some(outcome), last_run_at));
            assert_eq!(one.next_run_at, None);
        }
        let later = at + TimeDelta::hours(1);
        one.ran(later);
        assert_eq!(
            (one.last_outcome, one.last_run_at),
            (Some(RunOutcome::Run), Some(later))
        );
    }
}
