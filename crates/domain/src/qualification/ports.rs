//! What qualification needs from the store.

use super::{Case, Framework, QualificationRun, RuleSet, RuleSetSort, Slot, SlotAnswer, StageHold};
use crate::error::StoreError;
use crate::ids::{LeadId, QualificationRunId, RuleSetId};
use crate::paging::{Page, PageRequest};
use async_trait::async_trait;
use chrono::{DateTime, Utc};

#[async_trait]
pub trait QualificationRepo: Send + Sync {
    /// A second set that is enabled is [`StoreError::Duplicate`].
    async fn insert(&self, rules: &RuleSet) -> Result<(), StoreError>;
    async fn get(&self, id: RuleSetId) -> Result<Option<RuleSet>, StoreError>;
    async fn list(
        &self,
        enabled: Option<bool>,
        page: &PageRequest<RuleSetSort>,
    ) -> Result<Page<RuleSet>, StoreError>;
    /// The set that moves leads, if there is one.
    async fn enabled(&self) -> Result<Option<RuleSet>, StoreError>;
    /// Writes the rules if they are still at `expected` version (the new version is `expected + 1`). False when they are not.
    async fn update(&self, rules: &RuleSet, expected: i32) -> Result<bool, StoreError>;
    /// No set is enabled any more.
    async fn disable(&self, now: DateTime<Utc>) -> Result<(), StoreError>;
    /// False when it did not exist. What it filled and where it moved leads stays.
    async fn delete(&self, id: RuleSetId) -> Result<bool, StoreError>;

    /// These leads, in no order, with what is in their slots, and with what happened to them if `events`. The leads are locked until the
    /// transaction ends if `lock`.
    async fn cases(&self, leads: &[LeadId], events: bool, lock: bool) -> Result<Vec<Case>, StoreError>;
    /// The same, locked, for the leads after `after` up to `until`, by id.
    async fn cases_between(
        &self,
        after: Option<LeadId>,
        until: LeadId,
        events: bool,
    ) -> Result<Vec<Case>, StoreError>;
    /// Puts answers in their slots, in place of what is there. The leads exist.
    async fn answer(&self, answers: &[(LeadId, SlotAnswer)]) -> Result<(), StoreError>;
    /// Makes slots unknown.
    async fn forget(&self, lead: LeadId, framework: Framework, slots: &[Slot]) -> Result<(), StoreError>;
    /// Rules leave the lead's stage alone from now on; a hold that is there is replaced.
    async fn hold(&self, lead: LeadId, hold: &StageHold) -> Result<(), StoreError>;
    /// False when nobody held it.
    async fn release(&self, lead: LeadId) -> Result<bool, StoreError>;

    /// Takes the place of any other run.
    async fn begin_run(&self, run: &QualificationRun) -> Result<(), StoreError>;
    async fn run(&self) -> Result<Option<QualificationRun>, StoreError>;
    /// Moves on by `done` leads, of whom `moved` went to another stage, to `after`. False when another run took its place.
    async fn advance_run(
        &self,
        id: QualificationRunId,
        after: LeadId,
        done: u64,
        moved: u64,
    ) -> Result<bool, StoreError>;
    /// False when another run took its place.
    async fn finish_run(&self, id: QualificationRunId, now: DateTime<Utc>) -> Result<bool, StoreError>;
}
