//! What segments need from the store.

use super::condition::References;
use super::segment::{Segment, SegmentSort};
use crate::error::StoreError;
use crate::ids::{CampaignId, ClientId, LeadId, SegmentId};
use crate::paging::{Page, PageRequest};
use async_trait::async_trait;
use chrono::{DateTime, Utc};

#[async_trait]
pub trait SegmentRepo: Send + Sync {
    async fn insert(&self, segment: &Segment) -> Result<(), StoreError>;
    async fn get(&self, id: SegmentId) -> Result<Option<Segment>, StoreError>;
    /// The same, locked until the transaction ends.
    async fn get_locked(&self, id: SegmentId) -> Result<Option<Segment>, StoreError>;
    /// `name` is matched as a part, without case.
    async fn list(
        &self,
        name: Option<&str>,
        client: Option<ClientId>,
        page: &PageRequest<SegmentSort>,
    ) -> Result<Page<Segment>, StoreError>;
    /// Writes everything if the row is still at `expected` version. False when it is not.
    async fn update(&self, segment: &Segment, expected: i32) -> Result<bool, StoreError>;
    /// Deletes the segment with its list of members. False when it did not exist.
    async fn delete(&self, id: SegmentId) -> Result<bool, StoreError>;
    /// Campaigns that are not finished and are for this segment, with their names; locked, those that could still be launched
    /// included.
    async fn unfinished_campaigns(&self, id: SegmentId) -> Result<Vec<(CampaignId, String)>, StoreError>;
    /// Those of the references that there are.
    async fn known(&self, wanted: &References) -> Result<References, StoreError>;

    /// Adds leads to the list of members; who is in it already, and who is gone, is left out.
    async fn add_members(&self, id: SegmentId, leads: &[LeadId]) -> Result<(), StoreError>;
    /// The member with the largest id: where writing the list stopped.
    async fn last_member(&self, id: SegmentId) -> Result<Option<LeadId>, StoreError>;
    /// Says that the list is whole, and keeps how many members it has. False when it was said already or the segment is gone.
    async fn finish_freeze(&self, id: SegmentId, now: DateTime<Utc>) -> Result<bool, StoreError>;
}
