//! What forms need from the store.

use super::{Form, FormSort, Submission, SubmissionSort};
use crate::error::StoreError;
use crate::ids::{FormId, SubmissionId};
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

    async fn insert_submission(&self, submission: &Submission) -> Result<(), StoreError>;
    async fn submission(&self, id: SubmissionId) -> Result<Option<Submission>, StoreError>;
    async fn submissions(
        &self,
        form: FormId,
        page: &PageRequest<SubmissionSort>,
    ) -> Result<Page<Submission>, StoreError>;
}

/// Look-ups by visitors, who belong to no organization.
#[async_trait]
pub trait FormDirectory: Send + Sync {
    async fn form(&self, id: FormId) -> Result<Option<Form>, StoreError>;
}
