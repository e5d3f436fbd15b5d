//! The job of one run.

use super::ScheduledAction;
use crate::ids::ScheduleId;
use crate::jobs::JobPayload;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Does what a schedule is for. It is what the schedule said when the moment came.
#[derive(Debug, Serialize, Deserialize)]
pub struct RunSchedule {
    pub action: ScheduledAction,
    /// The id of whatever the run makes, so that another attempt finds what the first one made.
    pub makes: Uuid,
}

impl JobPayload for RunSchedule {
    const KIND: &'static str = "schedules.run";
    const MAX_ATTEMPTS: i32 = 5;
}

/// While a job with this key is unfinished, the moment is not run twice; afterwards the schedule has moved on.
pub fn unique_key(schedule: ScheduleId, moment: DateTime<Utc>) -> String {
    format!("schedule:{schedule}:{}", moment.timestamp_micros())
}
