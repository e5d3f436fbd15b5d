//! What the pipeline's numbers need from the store.

pub use super::cohort::CohortCount;
pub use super::conversion::GroupCount;
pub use super::cox::Case;
pub use super::funnel::StageCount;
pub use super::outcomes::OutcomeCount;
pub use super::survival::Ended;
pub use super::velocity::MoveCount;
use super::{Dimension, LeadSet, SetSort, Valued};
use crate::error::StoreError;
use crate::leads::Lead;
use crate::paging::{Page, PageRequest};
use async_trait::async_trait;
use chrono::{DateTime, Utc};

/// What leads of one value came to, for how long they took.
#[derive(Debug, Clone, PartialEq)]
pub struct EndedGroup {
    pub value: Option<String>,
    pub ended: Vec<Ended>,
}

/// Money that won leads brought, of those with a value in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Won {
    pub leads: i64,
    /// Of those with a value.
    pub valued: i64,
    /// Minor units.
    pub value: i64,
    /// Sum of the days from coming in to being won.
    pub days: f64,
}

/// Counts are of the leads of a set; each is one statement.
#[async_trait]
pub trait PipelineRepo: Send + Sync {
    async fn stages(&self, set: &LeadSet) -> Result<Vec<StageCount>, StoreError>;
    /// The values with the most leads first, at most `limit`.
    async fn groups(&self, set: &LeadSet, by: Dimension, limit: u32) -> Result<Vec<GroupCount>, StoreError>;
    /// Whole days from coming in until converting, being given up, or `now`; of all together without a dimension, else of
    /// the `limit` values with the most leads.
    async fn ended(
        &self,
        set: &LeadSet,
        by: Option<Dimension>,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<EndedGroup>, StoreError>;
    async fn cohorts(&self, set: &LeadSet) -> Result<Vec<CohortCount>, StoreError>;
    /// The most frequent reasons of each outcome first; values in this currency.
    async fn outcomes(&self, set: &LeadSet, currency: &str) -> Result<Vec<OutcomeCount>, StoreError>;
    /// Ways that leads went from one stage to another, with the whole days in the stage before.
    async fn moves(&self, set: &LeadSet) -> Result<Vec<MoveCount>, StoreError>;
    async fn won(&self, set: &LeadSet, currency: &str) -> Result<Won, StoreError>;
    /// How many there are, and the sum of their values in each currency.
    async fn valued(&self, set: &LeadSet) -> Result<Valued, StoreError>;
    async fn list(&self, set: &LeadSet, page: &PageRequest<SetSort>) -> Result<Page<Lead>, StoreError>;
}
