//! What projects need from the store.

use super::{Project, ProjectSort, ProjectStatus};
use crate::error::StoreError;
use crate::ids::{ClientId, ProjectId};
use crate::paging::{Page, PageRequest};
use async_trait::async_trait;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProjectFilter {
    pub client_id: Option<ClientId>,
    pub status: Option<ProjectStatus>,
    /// Part of the name, without case.
    pub name: Option<String>,
}

#[async_trait]
pub trait ProjectRepo: Send + Sync {
    /// A client that does not exist is [`StoreError::MissingReference`].
    async fn insert(&self, project: &Project) -> Result<(), StoreError>;
    async fn get(&self, id: ProjectId) -> Result<Option<Project>, StoreError>;
    /// The same, locked until the transaction ends: nothing new can refer to it meanwhile.
    async fn get_locked(&self, id: ProjectId) -> Result<Option<Project>, StoreError>;
    async fn list(
        &self,
        filter: &ProjectFilter,
        page: &PageRequest<ProjectSort>,
    ) -> Result<Page<Project>, StoreError>;
    /// Writes everything but the creation if the row is still at `expected` version (the new one is `expected + 1`). False
    /// when it is not.
    async fn update(&self, project: &Project, expected: i32) -> Result<bool, StoreError>;
    /// Deletes the project; its campaigns stay, without it. False when it did not exist.
    async fn delete(&self, id: ProjectId) -> Result<bool, StoreError>;
    /// How many of its campaigns are a client's other than this one.
    async fn campaigns_of_others(&self, id: ProjectId, client: ClientId) -> Result<i64, StoreError>;
}
