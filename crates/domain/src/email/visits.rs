//! Opens and clicks on their way in (docs/decisions/0048).
//!
//! Who opens a mail or clicks in it waits for one small write. What it means (the verdict, the lead's score, the campaign's numbers,
//! steps of sequences) is found by a job, many at a time.

use super::EmailEvent;
use crate::error::StoreError;
use crate::ids::OrganizationId;
use crate::jobs::{JobPayload, NewJob};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// An open or a click that was not judged yet, and the job that will.
#[derive(Debug, Clone)]
pub struct NewVisit {
    pub event: EmailEvent,
    pub job: NewJob,
}

/// Judges and counts what waits.
#[derive(Debug, Serialize, Deserialize)]
pub struct TakeVisits {}

impl JobPayload for TakeVisits {
    const KIND: &'static str = "email.take_visits";
}

/// Where opens and clicks wait.
#[async_trait]
pub trait VisitInbox: Send + Sync {
    /// Answers when it can't be lost any more. Those that come at the same time share a transaction.
    async fn keep(&self, organization: OrganizationId, visit: NewVisit) -> Result<(), StoreError>;
    /// Organizations for which something has waited since before this moment, in the order of their ids, the first `limit` after
    /// `after`.
    async fn organizations_with_visits(
        &self,
        before: DateTime<Utc>,
        after: Option<OrganizationId>,
        limit: u32,
    ) -> Result<Vec<OrganizationId>, StoreError>;
}
