//! What forms need from the store.

use super::{
    ExitKey, Form, FormSort, NewCapture, PartialSort, PartialSubmission, Quarantined, SpentChallenge,
    Submission, SubmissionSort, SubmissionStatus, VisitCounts, VisitKey, Visits,
};
use crate::error::StoreError;
use crate::ids::{FormId, LeadId, OrganizationId, SubmissionId};
use crate::paging::{Page, PageRequest};
use async_trait::async_trait;
use chrono::NaiveDate;
use uuid::Uuid;

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
    /// Spends the captcha that was solved for it, like that of any other: else it would show who is held back.
    async fn quarantine(
        &self,
        held: &Quarantined,
        challenge: Option<&SpentChallenge>,
    ) -> Result<(), StoreError>;
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

/// What happened at forms that nobody has sent yet.
#[async_trait]
pub trait VisitRepo: Send + Sync {
    /// Adds to what was counted. A source beyond [`super::MOST_SOURCES`] of its form and day is counted as
    /// [`super::OTHER`]; what is of a form that is gone is lost.
    async fn count(&self, counts: &VisitCounts) -> Result<(), StoreError>;
    /// What was counted on these days, both included.
    async fn visits(
        &self,
        form: FormId,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<Vec<(VisitKey, Visits)>, StoreError>;
    /// Where visits of these days ended, by field.
    async fn exits(
        &self,
        form: FormId,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<Vec<(ExitKey, i64)>, StoreError>;
    /// Keeps the newest of a session; its id and `created_at` are those of the first. [`StoreError::MissingReference`]:
    /// the form is gone.
    async fn keep_partial(&self, partial: &PartialSubmission) -> Result<(), StoreError>;
    /// Deletes what was kept of a session and of an address (`email_key`), after it was sent. Answers how many.
    async fn finish_partial(
        &self,
        form: FormId,
        session: Option<Uuid>,
        email_key: &str,
    ) -> Result<u64, StoreError>;
    async fn partials(
        &self,
        form: FormId,
        page: &PageRequest<PartialSort>,
    ) -> Result<Page<PartialSubmission>, StoreError>;
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
