//! What privacy needs from the outside.

use super::{DataExport, Erasure, ErasureRecord, ErasureSort, ExportPart, Retained, Touched};
use crate::error::{Error, StoreError};
use crate::identity::User;
use crate::ids::{ErasureId, ExportId, LeadId, OrganizationId, UserId};
use crate::locale::TimeZone;
use crate::paging::{Page, PageRequest};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

#[async_trait]
pub trait ErasureRepo: Send + Sync {
    /// Erases a lead and everything that is kept about whoever has this normalized address: rows that are only about them
    /// go; the ledger of mails, the log and lines of imports stay and no longer tell of whom they are. Mails that wait are
    /// suppressed and counted as that; no other number of anything changes. The address goes from the suppression list,
    /// too. Answers where something was found.
    async fn erase_lead(
        &self,
        lead: Option<LeadId>,
        email_key: &str,
        now: DateTime<Utc>,
    ) -> Result<Vec<Touched>, StoreError>;
    /// Deletes an account with what hangs on it, and takes the person's address and name out of what stays. Answers where
    /// something was found.
    async fn erase_user(&self, user: &User, now: DateTime<Utc>) -> Result<Vec<Touched>, StoreError>;
    /// Deletes up to `limit` rows of the organization, from each table in turn, and at last the organization itself.
    /// Receipts stay. Answers how many rows, without those that go with them; 0 when nothing is left.
    async fn erase_organization(&self, limit: u32) -> Result<u64, StoreError>;

    /// Adds a receipt. False when there is one with this id.
    async fn insert(&self, erasure: &Erasure) -> Result<bool, StoreError>;
    async fn get(&self, id: ErasureId) -> Result<Option<Erasure>, StoreError>;
    async fn list(&self, page: &PageRequest<ErasureSort>) -> Result<Page<Erasure>, StoreError>;
    /// Which of these receipts are there.
    async fn known(&self, ids: &[ErasureId]) -> Result<Vec<ErasureId>, StoreError>;
    /// Normalized addresses of leads and of the ledger, in order, the first `limit` after `after`.
    async fn addresses(&self, after: &str, limit: u32) -> Result<Vec<String>, StoreError>;
}

/// Where erasures are written down outside the database, so that an older copy of it can be brought to know them.
#[async_trait]
pub trait ErasureJournal: Send + Sync {
    /// Adds a line. When it returns, the line survives a crash of the machine.
    async fn append(&self, record: &ErasureRecord) -> Result<(), Error>;
    /// Adds a line that takes another one back: it did not happen after all.
    async fn void(&self, id: ErasureId) -> Result<(), Error>;
}

#[async_trait]
pub trait RetentionRepo: Send + Sync {
    /// Deletes up to `limit` things of a kind that ended before this moment, the oldest first. Answers how many. Counters
    /// stay as they are.
    async fn forget(&self, kind: Retained, before: DateTime<Utc>, limit: u32) -> Result<u64, StoreError>;
    /// Notes that everything was gone through.
    async fn done(&self, now: DateTime<Utc>) -> Result<(), StoreError>;
}

/// An organization that does not keep everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionDue {
    pub organization: OrganizationId,
    pub time_zone: TimeZone,
    /// When it was last gone through; at first, when it was decided.
    pub last: DateTime<Utc>,
}

#[async_trait]
pub trait RetentionDirectory: Send + Sync {
    /// Organizations that do not keep everything, in the order of their ids, the first `limit` after `after`.
    async fn organizations(
        &self,
        after: Option<OrganizationId>,
        limit: u32,
    ) -> Result<Vec<RetentionDue>, StoreError>;
}

#[async_trait]
pub trait ExportRepo: Send + Sync {
    /// The person's export, whole or not, expired or not.
    async fn of(&self, user: UserId) -> Result<Option<DataExport>, StoreError>;
    /// Begins an export; [`StoreError::Duplicate`] when the person has one.
    async fn insert(&self, export: &DataExport) -> Result<(), StoreError>;
    /// With its pieces. False when there was none.
    async fn delete(&self, id: ExportId) -> Result<bool, StoreError>;
    /// Adds the piece `number` (from 0) of a build.
    async fn add_piece(
        &self,
        id: ExportId,
        build: Uuid,
        number: i32,
        content: &[u8],
    ) -> Result<(), StoreError>;
    /// The file is whole: its pieces are those of this build. False when the export is gone.
    async fn complete(
        &self,
        id: ExportId,
        build: Uuid,
        expires_at: DateTime<Utc>,
    ) -> Result<bool, StoreError>;
    async fn piece(&self, id: ExportId, build: Uuid, number: i32) -> Result<Option<Vec<u8>>, StoreError>;
    /// A page of one part, in order of ids, and where the next one starts, if there may be one.
    async fn page(
        &self,
        user: &User,
        part: ExportPart,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<(Vec<Value>, Option<Uuid>), StoreError>;
}
