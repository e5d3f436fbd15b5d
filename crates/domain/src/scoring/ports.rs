//! What scoring needs from the store.

use super::{ModelSort, ModelStatus, Scorers, ScoringModel, ScoringRun};
use crate::error::StoreError;
use crate::ids::{LeadId, OrganizationId, ScoringModelId, ScoringRunId};
use crate::leads::{Lead, LeadEvent, Score, ScoreEntry};
use crate::paging::{Page, PageRequest};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

/// A lead and everything that happened to it.
#[derive(Debug, Clone, PartialEq)]
pub struct LeadHistory {
    pub lead: Lead,
    pub events: Vec<LeadEvent>,
}

#[async_trait]
pub trait ScoringRepo: Send + Sync {
    /// A second primary model is [`StoreError::Duplicate`].
    async fn insert(&self, model: &ScoringModel) -> Result<(), StoreError>;
    async fn get(&self, id: ScoringModelId) -> Result<Option<ScoringModel>, StoreError>;
    async fn list(
        &self,
        status: Option<ModelStatus>,
        page: &PageRequest<ModelSort>,
    ) -> Result<Page<ScoringModel>, StoreError>;
    /// The models that score leads, the primary one first.
    async fn active(&self) -> Result<Vec<ScoringModel>, StoreError>;
    /// Writes the model if it is still at `expected` version (the new version is `expected + 1`). False when it is not.
    async fn update(&self, model: &ScoringModel, expected: i32) -> Result<bool, StoreError>;
    /// No model is primary any more; make another one so in the same transaction.
    async fn dethrone(&self, now: DateTime<Utc>) -> Result<(), StoreError>;
    /// False when it did not exist. Its lines are taken away by the next run.
    async fn delete(&self, id: ScoringModelId) -> Result<bool, StoreError>;

    /// Makes the ledgers of these leads what the models say, and their scores the sums. Leads are locked in the order of
    /// their ids. Answers with the scores, and how many leads' ledgers changed.
    async fn rescore(
        &self,
        scorers: &Scorers,
        leads: &[LeadId],
        now: DateTime<Utc>,
    ) -> Result<Vec<(LeadId, Score)>, StoreError>;
    /// The same for the leads after `after` up to `until`, by id; how many there were.
    async fn rescore_between(
        &self,
        scorers: &Scorers,
        after: Option<LeadId>,
        until: LeadId,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError>;
    /// The id of the `size`-th lead after `after`, or of the last one; `None` after that.
    async fn piece_end(&self, after: Option<LeadId>, size: u32) -> Result<Option<LeadId>, StoreError>;

    /// All lines that models other than the primary one gave a lead, and its own.
    async fn lines(&self, leads: &[LeadId]) -> Result<Vec<ScoreEntry>, StoreError>;
    /// Up to `limit` leads from all times, the same ones each time, with what happened to them.
    async fn sample(&self, limit: u32) -> Result<Vec<LeadHistory>, StoreError>;

    /// Takes the place of any other run.
    async fn begin_run(&self, run: &ScoringRun) -> Result<(), StoreError>;
    async fn run(&self) -> Result<Option<ScoringRun>, StoreError>;
    /// Moves on by `done` leads to `after`. False when another run took its place.
    async fn advance_run(&self, id: ScoringRunId, after: LeadId, done: u64) -> Result<bool, StoreError>;
    /// False when another run took its place.
    async fn finish_run(&self, id: ScoringRunId, now: DateTime<Utc>) -> Result<bool, StoreError>;
}

/// What crosses organizations.
#[async_trait]
pub trait ScoringDirectory: Send + Sync {
    /// Organizations after `after`, in order of id, with an active model whose points decay and whose last run was as of a
    /// day before `today`.
    async fn due(
        &self,
        today: NaiveDate,
        after: Option<OrganizationId>,
        limit: u32,
    ) -> Result<Vec<OrganizationId>, StoreError>;
}
