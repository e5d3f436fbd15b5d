//! What schedules need from the store.

use super::{Schedule, ScheduleSort};
use crate::error::StoreError;
use crate::ids::{OrganizationId, ScheduleId};
use crate::paging::{Page, PageRequest};
use async_trait::async_trait;
use chrono::{DateTime, Utc};

#[async_trait]
pub trait ScheduleRepo: Send + Sync {
    async fn insert(&self, schedule: &Schedule) -> Result<(), StoreError>;
    async fn get(&self, id: ScheduleId) -> Result<Option<Schedule>, StoreError>;
    /// The same, locked until the transaction ends: of several schedulers, one moves it on and the others then see that.
    async fn get_locked(&self, id: ScheduleId) -> Result<Option<Schedule>, StoreError>;
    async fn list(
        &self,
        enabled: Option<bool>,
        page: &PageRequest<ScheduleSort>,
    ) -> Result<Page<Schedule>, StoreError>;
    /// Writes everything if the row is still at `expected` version. False when it is not.
    async fn update(&self, schedule: &Schedule, expected: i32) -> Result<bool, StoreError>;
    /// Writes when it runs next, when it ran last, and what became of it. Not a change that people made: the version stays.
    async fn moved_on(&self, schedule: &Schedule) -> Result<(), StoreError>;
    /// False when it did not exist. Its jobs stay.
    async fn delete(&self, id: ScheduleId) -> Result<bool, StoreError>;
    /// Runs that go on: moments of which a job of one of these kinds is queued or running.
    async fn running(&self, id: ScheduleId, kinds: &[&str]) -> Result<usize, StoreError>;
}

/// A schedule whose moment has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueSchedule {
    pub organization: OrganizationId,
    pub schedule: ScheduleId,
    pub planned: DateTime<Utc>,
}

/// Every organization's schedules, as a scheduler sees them.
#[async_trait]
pub trait ScheduleDirectory: Send + Sync {
    /// Those whose moment has come, the oldest moment first, from after `after`.
    async fn due(
        &self,
        now: DateTime<Utc>,
        after: Option<DueSchedule>,
        limit: u32,
    ) -> Result<Vec<DueSchedule>, StoreError>;
}
