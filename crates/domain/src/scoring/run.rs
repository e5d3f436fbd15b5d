//! Computing the scores of all leads anew.

use crate::ids::{LeadId, ScoringRunId};
use crate::jobs::{JobPayload, Priority, Queue};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// How far it came. An organization has one at most: a change of its models begins another in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScoringRun {
    pub id: ScoringRunId,
    /// Leads that are done.
    pub done: i64,
    /// Leads that there were when it began.
    pub leads: i64,
    pub started_at: DateTime<Utc>,
    /// Null while it runs.
    pub finished_at: Option<DateTime<Utc>>,
    /// The last lead that is done.
    #[serde(skip)]
    pub after: Option<LeadId>,
    /// The day (UTC) as of which scores are.
    #[serde(skip)]
    pub day: NaiveDate,
}

/// Goes through all leads of an organization, from where the run stands.
#[derive(Debug, Serialize, Deserialize)]
pub struct RescoreLeads {
    pub run_id: ScoringRunId,
}

impl JobPayload for RescoreLeads {
    const KIND: &'static str = "leads.rescore";
    const QUEUE: Queue = Queue::Heavy;
    const PRIORITY: Priority = Priority::Low;
}
