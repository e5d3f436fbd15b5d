//! A job and its states.

use super::{Cause, Queue};
use crate::ids::{JobId, RequestId, ScheduleId};
use crate::trace::TraceParent;
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum JobStatus {
    /// Waits for its time and a worker.
    Queued,
    Running,
    Succeeded,
    /// Every attempt failed; `last_error` has the last reason. Can be retried by hand.
    Failed,
    /// No handler knows it or its payload can't be read: trying again would not help.
    Discarded,
    Cancelled,
}

impl JobStatus {
    pub const ALL: [Self; 6] = [
        Self::Queued,
        Self::Running,
        Self::Succeeded,
        Self::Failed,
        Self::Discarded,
        Self::Cancelled,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Discarded => "discarded",
            Self::Cancelled => "cancelled",
        }
    }

    /// Nothing more will happen by itself.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

impl std::str::FromStr for JobStatus {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| {
                "must be one of queued, running, succeeded, failed, discarded, cancelled".to_owned()
            })
    }
}

/// Jobs of a higher priority are claimed first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Bulk work that nobody waits for.
    Low = 0,
    Normal = 10,
    /// A person waits for it.
    High = 20,
}

impl Priority {
    pub const ALL: [Self; 3] = [Self::High, Self::Normal, Self::Low];
}

/// The data of one kind of job.
pub trait JobPayload: Serialize + DeserializeOwned + Send + Sync {
    /// Stable name, `context.verb`.
    const KIND: &'static str;
    const MAX_ATTEMPTS: i32 = 10;
    const PRIORITY: Priority = Priority::Normal;
    /// Whose slots it takes.
    const QUEUE: Queue = Queue::Default;
}

/// A job to be put into the queue.
#[derive(Debug, Clone)]
pub struct NewJob {
    pub id: JobId,
    pub kind: String,
    pub payload: serde_json::Value,
    pub priority: Priority,
    pub max_attempts: i32,
    /// Not before this moment.
    pub run_at: DateTime<Utc>,
    /// While an unfinished job has this key, another one is not added.
    pub unique_key: Option<String>,
    /// What it goes back to; `None` for whatever the scope goes back to in which it is added.
    pub cause: Option<Cause>,
}

impl NewJob {
    /// A job that can run at once.
    pub fn new<P: JobPayload>(id: JobId, payload: &P, now: DateTime<Utc>) -> Self {
        Self {
            id,
            kind: P::KIND.to_owned(),
            // Payloads are plain structs with string keys: this can't fail.
            payload: serde_json::to_value(payload).unwrap_or_default(),
            priority: P::PRIORITY,
            max_attempts: P::MAX_ATTEMPTS,
            run_at: now,
            unique_key: None,
            cause: None,
        }
    }

    #[must_use]
    pub fn at(mut self, run_at: DateTime<Utc>) -> Self {
        self.run_at = run_at;
        self
    }

    #[must_use]
    pub fn unique(mut self, key: impl Into<String>) -> Self {
        self.unique_key = Some(key.into());
        self
    }

    #[must_use]
    pub fn caused_by(mut self, cause: Cause) -> Self {
        self.cause = Some(cause);
        self
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Job {
    pub id: JobId,
    pub kind: String,
    pub status: JobStatus,
    /// How often it was started.
    pub attempt: i32,
    pub max_attempts: i32,
    pub run_at: DateTime<Utc>,
    pub last_error: Option<String>,
    /// The `X-Request-Id` of the request that it goes back to, also in the program's log.
    pub request_id: Option<RequestId>,
    /// The `traceparent` of that request.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub traceparent: Option<TraceParent>,
    /// The schedule that it goes back to.
    pub schedule_id: Option<ScheduleId>,
    /// The moment that the schedule meant.
    pub scheduled_for: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

crate::sort_fields! {
    /// How jobs can be ordered.
    JobSort { CreatedAt => "created_at": Time, RunAt => "run_at": Time }
}
