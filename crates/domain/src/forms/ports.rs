//! What forms need from the store.

use super::{Form, FormSort, NewCapture, Quarantined, Submission, SubmissionSort, SubmissionStatus};
use crate::error::StoreError;
use crate::ids::{FormId, LeadId, OrganizationId, SubmissionId};
use crate::paging::{Page, PageRequest};
use async_trait::async_trait;

#[async_trait]
pub trait FormRepo: Send + Sync {
    async fn insert(&self, form: &Form) -> Result<(), StoreError>;
    async fn get(&self, id: FormId) -> Result<Option<Form>, StoreError>;
    /// `name` is matched as a part, without case.
    async fn list(&self, name: Option<&str>, page: &PageRequest<FormSort>) -> Result<Page<Form>, StoreError>;
    /// Writes everything if the row is still at `expected` version. False when it is not.
    async fn update(&self, form: &Form, expected: i32) -> Result<bool, StoreError>;
    /// Deletes the form with its submissions; the leads stay. False when it did not exist.
    async fn delete(&self, id: FormId) -> Result<bool, StoreError>;

    async fn submission(&self, id: SubmissionId) -> Result<Option<Submission>, StoreError>;
    async fn submissions(
        &self,
        form: FormId,
        page: &PageRequest<SubmissionSort>,
    ) -> Result<Page<Submission>, StoreError>;

    /// Holds a submission back; [`StoreError::MissingReference`] when the form is gone.
    async fn quarantine(&self, held: &Quarantined) -> Result<(), StoreError>;
    async fn quarantined(&self, id: SubmissionId) -> Result<Option<Quarantined>, StoreError>;
    /// What of a form was held back, and is in this state.
    async fn held_back(
        &self,
        form: FormId,
        status: SubmissionStatus,
        page: &PageRequest<SubmissionSort>,
    ) -> Result<Page<Submission>, StoreError>;
    /// The lead that the first one held back of a normalized address would make.
    async fn promised_lead(&self, email_key: &str) -> Result<Option<LeadId>, StoreError>;
    /// Takes one out of the quarantine and writes its capture as [`FormDirectory::capture`] does. `None` when it is not in
    /// there (any more).
    async fn release(&self, capture: &NewCapture) -> Result<Option<LeadId>, StoreError>;
    /// `quarantined -> rejected`; false when it was not in quarantine.
    async fn reject(&self, id: SubmissionId) -> Result<bool, StoreError>;
}

/// What visitors reach, who belong to no organization.
#[async_trait]
pub trait FormDirectory: Send + Sync {
    async fn form(&self, id: FormId) -> Result<Option<Form>, StoreError>;
    /// Keeps a submission with all that goes with it; the lead it went to. Captures that come at the same time may share
    /// one transaction, but not their failures. [`StoreError::MissingReference`]: the form is gone;
    /// [`StoreError::Duplicate`]: the idempotency key is taken.
    ///
    /// Goes on when the caller stops waiting.
    async fn capture(&self, organization: OrganizationId, capture: NewCapture) -> Result<LeadId, StoreError>;
}
