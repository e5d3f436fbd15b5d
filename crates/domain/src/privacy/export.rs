//! A file with everything that is kept about one person.

use crate::ids::{ExportId, JobId, UserId};
use crate::jobs::{JobPayload, Priority};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The newest export of a person; each has at most one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataExport {
    pub id: ExportId,
    pub user_id: UserId,
    pub job_id: JobId,
    pub created_at: DateTime<Utc>,
    /// Whose pieces make the file; absent until it is whole. Each attempt to make it writes pieces of its own.
    pub build: Option<Uuid>,
    /// After that it is deleted.
    pub expires_at: DateTime<Utc>,
}

/// What is read for an export from tables that are otherwise read in other ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportPart {
    /// Logins, also those that ended.
    Sessions,
    /// Without their secrets.
    ApiKeys,
    /// Links that were mailed; the secrets in them are kept nowhere.
    AccountLinks,
    /// Campaigns that the person made.
    Campaigns,
    /// Mails to the person's address, with what they say as far as it is kept.
    Mails,
}

/// Makes the file.
#[derive(Debug, Serialize, Deserialize)]
pub struct BuildExport {
    pub export_id: ExportId,
    pub user_id: UserId,
}

impl JobPayload for BuildExport {
    const KIND: &'static str = "privacy.export";
    const PRIORITY: Priority = Priority::High;
    const MAX_ATTEMPTS: i32 = 5;
}
