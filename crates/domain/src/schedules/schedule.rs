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
