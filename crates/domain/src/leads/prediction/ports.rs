//! What predictions need from the store.

use super::facts::LeadFacts;
use super::kept::{KeptModel, LeadPrediction, Scoring};
use crate::error::StoreError;
use crate::ids::{LeadId, PredictionModelId};
use async_trait::async_trait;

#[async_trait]
pub trait PredictionRepo: Send + Sync {
    /// Leads whose outcome is known, before `before` in order of id, the youngest first. What a lead did is counted up to
    /// its outcome.
    async fn outcomes(&self, before: Option<LeadId>, limit: u32) -> Result<Vec<LeadFacts>, StoreError>;
    /// Open leads after `after` in order of id.
    async fn open_leads(&self, after: Option<LeadId>, limit: u32) -> Result<Vec<LeadFacts>, StoreError>;
    async fn facts(&self, id: LeadId) -> Result<Option<LeadFacts>, StoreError>;

    /// Keeps a training. Unless it failed, no other one is active afterwards; of the older ones a few are kept.
    async fn insert(&self, model: &KeptModel) -> Result<(), StoreError>;
    /// The newest training.
    async fn newest(&self) -> Result<Option<KeptModel>, StoreError>;
    /// The training whose model is in use.
    async fn active(&self) -> Result<Option<KeptModel>, StoreError>;

    /// Keeps predictions, each in place of the lead's last one. [`StoreError::MissingReference`] when one of the leads
    /// is gone: read them again.
    async fn record(&self, predictions: &[LeadPrediction]) -> Result<(), StoreError>;
    async fn prediction(&self, lead: LeadId) -> Result<Option<LeadPrediction>, StoreError>;
    /// Writes how far a round is if `pieces` were done before (then it is one more). False when someone else did this
    /// piece already, or the model is no longer active: roll back.
    async fn advance(
        &self,
        id: PredictionModelId,
        pieces: i64,
        scoring: &Scoring,
    ) -> Result<bool, StoreError>;
}
