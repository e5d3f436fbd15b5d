//! Captures that come at the same time share a transaction.

use super::capture;
use crate::dialect::Transaction;
use crate::session::Session;
use crate::together::Shared;
use async_trait::async_trait;
use groundswell_domain::forms::NewCapture;
use groundswell_domain::{LeadId, StoreError};

#[async_trait]
impl Shared for NewCapture {
    type Answer = LeadId;

    /// Two of the same address are one lead, and the second one changes what the first has made.
    fn key(&self) -> Option<String> {
        Some(self.lead.email.key())
    }

    async fn write(session: &Session<Transaction>, captures: &[Self]) -> Result<Vec<LeadId>, StoreError> {
        capture::write(session, captures).await
    }
}
