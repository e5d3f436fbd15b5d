//! Looking at leads again, in the background.

use crate::ids::{LeadId, QualificationRunId, SubmissionId};
use crate::jobs::{JobPayload, Priority, Queue};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// How far a look at all leads came. An organization has one at most: another change of rules begins another in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QualificationRun {
    pub id: QualificationRunId,
    /// Leads that were looked at.
    pub done: i64,
    /// Leads that moved to another stage.
    pub moved: i64,
    /// Leads that there were when it began.
    pub leads: i64,
    pub started_at: DateTime<Utc>,
    /// Null while it runs.
    pub finished_at: Option<DateTime<Utc>>,
    /// The last lead that was looked at.
    #[serde(skip)]
    pub after: Option<LeadId>,
}

/// Looks at these leads, to whom something happened.
#[derive(Debug, Serialize, Deserialize)]
pub struct QualifyLeads {
    pub leads: Vec<LeadId>,
    /// And at the one that this submission went to, which is not known before it is written.
    #[serde(default)]
    pub submission: Option<SubmissionId>,
}

impl JobPayload for QualifyLeads {
    const KIND: &'static str = "leads.qualify";
    const PRIORITY: Priority = Priority::Normal;
}

/// Looks at all leads of an organization, from where the run stands.
#[derive(Debug, Serialize, Deserialize)]
pub struct RequalifyLeads {
    pub run_id: QualificationRunId,
}

impl JobPayload for RequalifyLeads {
    const KIND: &'static str = "leads.requalify";
    const QUEUE: Queue = Queue::Heavy;
    const PRIORITY: Priority = Priority::Low;
}
