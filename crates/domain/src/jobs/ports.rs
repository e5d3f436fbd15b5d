//! The queue, as a use-case and as a worker sees it.

use super::{Cause, Job, JobSort, JobStatus, NewJob, Queue};
use crate::error::StoreError;
use crate::ids::{JobId, LeaseToken, OrganizationId, ScheduleId};
use crate::paging::{Page, PageRequest};
use async_trait::async_trait;
use chrono::{DateTime, Utc};

#[derive(Debug, Clone, Default)]
pub struct JobFilter {
    pub status: Option<JobStatus>,
    pub kind: Option<String>,
    pub schedule: Option<ScheduleId>,
}

/// One organization's jobs.
#[async_trait]
pub trait JobRepo: Send + Sync {
    /// Adds a job, or answers with the unfinished one that has its unique key.
    async fn enqueue(&self, job: &NewJob, now: DateTime<Utc>) -> Result<JobId, StoreError>;
    async fn get(&self, id: JobId) -> Result<Option<Job>, StoreError>;
    async fn list(&self, filter: &JobFilter, page: &PageRequest<JobSort>) -> Result<Page<Job>, StoreError>;
    /// Cancels a job that is queued or running; a running one's result is then thrown away.
    /// False when it was in neither state.
    async fn cancel(&self, id: JobId, now: DateTime<Utc>) -> Result<bool, StoreError>;
    /// Puts a failed, discarded or cancelled job back into the queue with its attempts at 0.
    /// False when it was in another state; [`StoreError::Duplicate`] when its unique key is taken by now.
    async fn retry(&self, id: JobId, now: DateTime<Utc>) -> Result<bool, StoreError>;
}

/// A job that a worker holds.
#[derive(Debug, Clone)]
pub struct ClaimedJob {
    pub id: JobId,
    pub organization: OrganizationId,
    pub kind: String,
    pub payload: serde_json::Value,
    /// This attempt, from 1: counted when it was claimed, so a crash counts too.
    pub attempt: i32,
    pub max_attempts: i32,
    pub lease: LeaseToken,
    /// `None` of jobs that were added before causes were kept.
    pub cause: Option<Cause>,
}

/// What a worker has room for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Whose turn it is, is remembered for each queue.
    pub queue: Queue,
    pub kinds: &'a [&'a str],
    pub limit: u32,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq)]
pub enum JobEnd {
    Succeeded,
    /// Try again at `at`, or give up when the attempts are used up.
    Failed {
        error: String,
        at: DateTime<Utc>,
    },
    /// Trying again would not help.
    Discarded {
        error: String,
    },
    /// Not an error: there is more to do at `at`. The attempt is not counted.
    Continue {
        at: DateTime<Utc>,
    },
}

/// Every organization's jobs, as workers see them.
#[async_trait]
pub trait JobQueue: Send + Sync {
    /// Claims jobs that are due: queued ones, and running ones whose lease has run out. Counts the attempt. A job whose
    /// lease ran out on its last attempt is not claimed but marked failed.
    ///
    /// Within an organization they come by priority and then by time. Organizations share: first comes who has the
    /// fewest jobs running of these kinds, then the higher priority, then whose turn it is, so that a single job never
    /// waits for another organization's million.
    async fn claim(
        &self,
        wanted: &[Wanted<'_>],
        lease: LeaseToken,
        now: DateTime<Utc>,
        lease_until: DateTime<Utc>,
    ) -> Result<Vec<ClaimedJob>, StoreError>;
    /// Extends the lease. False when it is no longer ours: stop working.
    async fn heartbeat(
        &self,
        id: JobId,
        lease: LeaseToken,
        lease_until: DateTime<Utc>,
    ) -> Result<bool, StoreError>;
    /// Ends the attempt. False when the lease is no longer ours (or the job was cancelled): nothing was changed.
    async fn finish(
        &self,
        id: JobId,
        lease: LeaseToken,
        end: &JobEnd,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;
    /// Deletes up to `limit` jobs that ended so before this moment, the oldest first. Answers how many.
    async fn forget(&self, status: JobStatus, before: DateTime<Utc>, limit: u32) -> Result<u64, StoreError>;
    /// Unfinished jobs by kind and status.
    async fn depth(&self) -> Result<Vec<(String, JobStatus, i64)>, StoreError>;
    /// Resolves when a job may have been added: a hint that saves polling, never a guarantee.
    async fn wait_for_work(&self);
}
