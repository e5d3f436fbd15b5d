//! What consents need from the store. Those that come with a form are part of its capture.

use super::{Consent, ConsentDecision, ConsentFilter, ConsentSort, Purpose};
use crate::error::StoreError;
use crate::ids::LeadId;
use crate::paging::{Page, PageRequest};
use async_trait::async_trait;
use std::collections::HashSet;

#[async_trait]
pub trait ConsentRepo: Send + Sync {
    /// Adds a line; [`StoreError::MissingReference`] when the lead is gone. There is no way to change one.
    async fn add(&self, consent: &Consent) -> Result<(), StoreError>;
    /// Lines of one lead.
    async fn list(
        &self,
        lead: LeadId,
        filter: &ConsentFilter,
        page: &PageRequest<ConsentSort>,
    ) -> Result<Page<Consent>, StoreError>;
    /// For which of these leads this was the last decision about a purpose. Lines of the same time count in order of id.
    async fn decided(
        &self,
        purpose: &Purpose,
        decision: ConsentDecision,
        leads: &[LeadId],
    ) -> Result<HashSet<LeadId>, StoreError>;
}
