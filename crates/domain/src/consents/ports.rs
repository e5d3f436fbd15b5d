//! What consents need from the store. Those that come with a form are part of its capture.

use super::{Consent, ConsentDecision, ConsentFilter, ConsentSort, Purpose};
use crate::error::StoreError;
use crate::ids::{LeadId, SubmissionId};
use crate::paging::{Page, PageRequest};
use async_trait::async_trait;
use std::collections::{HashMap, HashSet};

#[async_trait]
pub trait ConsentRepo: Send + Sync {
    /// Adds a line; [`StoreError::MissingReference`] when the lead is gone. There is no way to change a decision.
    async fn add(&self, consent: &Consent) -> Result<(), StoreError>;
    /// Adds many lines, leaving out those that are there already.
    async fn add_many(&self, consents: &[Consent]) -> Result<(), StoreError>;
    /// Lines of one lead.
    async fn list(
        &self,
        lead: LeadId,
        filter: &ConsentFilter,
        page: &PageRequest<ConsentSort>,
    ) -> Result<Page<Consent>, StoreError>;
    /// For which of these leads this is what counts about a purpose. Lines of the same time count in order of id.
    async fn decided(
        &self,
        purpose: &Purpose,
        decision: ConsentDecision,
        leads: &[LeadId],
    ) -> Result<HashSet<LeadId>, StoreError>;
    /// Which of these leads said something about a purpose that does not end in a consent, and what counts for them.
    async fn without(
        &self,
        purpose: &Purpose,
        leads: &[LeadId],
    ) -> Result<HashMap<LeadId, ConsentDecision>, StoreError>;
    /// What a lead said with a submission, oldest first.
    async fn of_submission(&self, lead: LeadId, submission: SubmissionId)
    -> Result<Vec<Consent>, StoreError>;
    /// Takes out what waits for confirmation, oldest first. Of two that take at the same time, one gets nothing.
    async fn take_pending(&self, lead: LeadId, submission: SubmissionId) -> Result<Vec<Consent>, StoreError>;
}
