//! What a job goes back to: so that a log can be followed from a request to everything that came of it.

use crate::ids::{RequestId, ScheduleId};
use crate::trace::TraceParent;
use chrono::{DateTime, Utc};

/// One run of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScheduledRun {
    pub schedule: ScheduleId,
    /// The moment it was planned for; of a run by hand, when it was asked for.
    pub moment: DateTime<Utc>,
}

/// Jobs that a job makes have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cause {
    pub request: RequestId,
    /// The caller's own trace, if it named one.
    pub trace: Option<TraceParent>,
    pub run: Option<ScheduledRun>,
}
