//! What finding duplicates and merging them need from the store.

use super::{DuplicateFilter, DuplicatePair, DuplicateScan, DuplicateSort, Keys, LeadMerge, MergeExtras};
use crate::error::StoreError;
use crate::ids::{DuplicateId, DuplicateScanId, LeadId};
use crate::leads::Lead;
use crate::paging::{Page, PageRequest};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::collections::HashMap;

#[async_trait]
pub trait DuplicateRepo: Send + Sync {
    async fn get(&self, id: DuplicateId) -> Result<Option<DuplicatePair>, StoreError>;
    async fn list(
        &self,
        filter: &DuplicateFilter,
        page: &PageRequest<DuplicateSort>,
    ) -> Result<Page<DuplicatePair>, StoreError>;
    /// Writes down that two leads are two people, whether or not it was proposed that they are one. Answers the pair as it is kept;
    /// `None` when one of the leads does not exist.
    async fn dismiss(&self, pair: &DuplicatePair) -> Result<Option<DuplicatePair>, StoreError>;
    /// What was found for these leads: new pairs are added, known ones brought up to date, and proposals for these leads that were not
    /// found again go away. What was dismissed stays as it is. `forward` as in [`super::Candidates::of`]: of each
    /// pair only the earlier lead is one of these. Pairs of leads that are gone are left out.
    async fn found(&self, leads: &[LeadId], forward: bool, pairs: &[DuplicatePair])
    -> Result<(), StoreError>;

    /// The scan of this organization.
    async fn scan(&self) -> Result<Option<DuplicateScan>, StoreError>;
    /// Puts this scan into the place of another one.
    async fn begin_scan(&self, scan: &DuplicateScan) -> Result<(), StoreError>;
    /// Writes how far it came. False when another one took its place.
    async fn save_scan(&self, scan: &DuplicateScan) -> Result<bool, StoreError>;
    /// The scan that these leads are indexed by; `None` when there is none with this id.
    async fn lock_scan(&self, id: DuplicateScanId) -> Result<Option<DuplicateScan>, StoreError>;
    /// Leads that were changed after `seen` (a change and the lead) and not after `until`, in the order in which they were.
    async fn changed(
        &self,
        seen: Option<(DateTime<Utc>, LeadId)>,
        until: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Lead>, StoreError>;
    /// Writes the keys of leads in the place of those that they had. Leads that are gone are left out.
    async fn index(&self, leads: &[(LeadId, Keys)]) -> Result<(), StoreError>;
    /// How many leads have these keys, as far as any has.
    async fn counts(&self, keys: &[String]) -> Result<HashMap<String, u64>, StoreError>;
    /// Who has these keys.
    async fn sharing(&self, keys: &[String]) -> Result<Vec<(String, LeadId)>, StoreError>;
}

#[async_trait]
pub trait MergeRepo: Send + Sync {
    /// Makes the two leads the one that is given, and moves to it what belongs to the other one. False when one of the leads is not at
    /// the version at which it was read. What cannot belong to both is kept with the merge.
    async fn merge(
        &self,
        merge: &LeadMerge,
        merged: &Lead,
        read: (i32, i32),
        extras: &MergeExtras,
    ) -> Result<bool, StoreError>;
    /// Notes what the lead looks like, so that it can be told what was changed since. To be called when all of the merge is written.
    async fn seal(&self, merge: &LeadMerge) -> Result<(), StoreError>;
    /// What became part of this lead and can be taken out again first.
    async fn newest(&self, survivor: LeadId) -> Result<Option<LeadMerge>, StoreError>;
    /// Takes the two apart: both are what they were, but for what has happened to the one that stayed. True when points have come
    /// or gone since, so that both scores are to be computed anew. [`StoreError::Duplicate`] when another lead has the address by now.
    async fn unmerge(&self, merge: &LeadMerge, now: DateTime<Utc>) -> Result<bool, StoreError>;
    /// Which lead a lead that is gone is part of by now.
    async fn merged_into(&self, lead: LeadId) -> Result<Option<LeadId>, StoreError>;
    /// Which leads have one of these normalized addresses besides their own.
    async fn aliases(&self, keys: &[String]) -> Result<HashMap<String, LeadId>, StoreError>;
    /// The other addresses of these leads, normalized.
    async fn addresses(&self, leads: &[LeadId]) -> Result<Vec<String>, StoreError>;
}
