//! What the audit log needs from the store. There is no way to change an entry.

use super::{AuditAction, AuditEntry, AuditSort, TargetType};
use crate::error::{Error, StoreError};
use crate::ids::UserId;
use crate::paging::{Page, PageRequest};
use crate::validate::Problems;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::net::IpAddr;
use uuid::Uuid;

/// Every condition that is set must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    pub action: Option<AuditAction>,
    /// The person who acted, with or without an API key.
    pub user: Option<UserId>,
    pub target_type: Option<TargetType>,
    pub target_id: Option<Uuid>,
    pub ip: Option<IpAddr>,
    pub since: Option<DateTime<Utc>>,
    /// Exclusive.
    pub until: Option<DateTime<Utc>>,
}

impl AuditFilter {
    /// What no store could be asked for.
    pub fn check(&self) -> Result<(), Error> {
        let mut problems = Problems::new();
        problems.time("since", self.since);
        problems.time("until", self.until);
        problems.finish()
    }
}

#[async_trait]
pub trait AuditRepo: Send + Sync {
    /// Adds entries. One whose id is there already is left out: that is how an event that repeats itself becomes one entry.
    async fn append(&self, entries: &[AuditEntry]) -> Result<(), StoreError>;
    async fn list(
        &self,
        filter: &AuditFilter,
        page: &PageRequest<AuditSort>,
    ) -> Result<Page<AuditEntry>, StoreError>;
}
