//! What secrets need from the store.

use super::{DataKey, Holder, HolderKind, Resealed, Sealed, Secret, SecretSort, Service, WrappedKey};
use crate::error::StoreError;
use crate::ids::{ClientId, OrganizationId, SecretId, UserId};
use crate::paging::{Page, PageRequest};
use async_trait::async_trait;
use chrono::{DateTime, Utc};

/// A secret with everything that opens it, as it was at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub secret: Secret,
    pub sealed: Sealed,
    pub key: WrappedKey,
}

/// Which secrets are listed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SecretFilter {
    /// Whose own secrets are in the list; nobody's when absent.
    pub user: Option<UserId>,
    /// Whether those of clients and of the organization are in it, too.
    pub shared: bool,
    pub kind: Option<HolderKind>,
    pub client: Option<ClientId>,
    pub service: Option<Service>,
}

/// Secrets of an organization.
#[async_trait]
pub trait SecretRepo: Send + Sync {
    /// The holder's secret for this service, locked until the transaction ends.
    async fn find_locked(&self, holder: Holder, service: &Service) -> Result<Option<Secret>, StoreError>;
    /// A second one of the same holder and service is [`StoreError::Duplicate`]; a user, a client or a data key that does
    /// not exist (any more) is [`StoreError::MissingReference`].
    async fn insert(&self, secret: &Secret, sealed: &Sealed) -> Result<(), StoreError>;
    /// Writes a new value if the row is still at `expected` version (the new one is `expected + 1`). False when it is not.
    async fn replace(&self, secret: &Secret, sealed: &Sealed, expected: i32) -> Result<bool, StoreError>;
    /// False when it did not exist.
    async fn delete(&self, id: SecretId) -> Result<bool, StoreError>;
    async fn list(
        &self,
        filter: &SecretFilter,
        page: &PageRequest<SecretSort>,
    ) -> Result<Page<Secret>, StoreError>;
    /// The user's, else the client's, else the organization's secret for this service. Secret and data key are of the same
    /// moment, also while data keys are being rotated.
    async fn resolve(
        &self,
        service: &Service,
        user: Option<UserId>,
        client: Option<ClientId>,
    ) -> Result<Option<Stored>, StoreError>;
}

/// Data keys of an organization, and what they seal.
#[async_trait]
pub trait DataKeyRepo: Send + Sync {
    /// All of them, oldest version first.
    async fn keys(&self) -> Result<Vec<DataKey>, StoreError>;
    /// False when there is one with this version already. Whoever adds the same version at the same moment is waited for.
    async fn add_key(&self, key: &DataKey) -> Result<bool, StoreError>;
    /// Writes the same key under another master key if the row still holds `old`. False when it does not.
    async fn rewrap_key(&self, old: &WrappedKey, new: &WrappedKey) -> Result<bool, StoreError>;
    /// Deletes the keys below this version with which nothing is sealed; answers how many. One that is being used at this very
    /// moment is a [`StoreError::MissingReference`].
    async fn delete_unused_keys(&self, below: i32) -> Result<u64, StoreError>;
    /// Up to `limit` secrets after `after` (by id) that are sealed with a key below this version; `None` for any version.
    async fn sealed(
        &self,
        below: Option<i32>,
        after: Option<SecretId>,
        limit: u32,
    ) -> Result<Vec<Stored>, StoreError>;
    /// Writes those whose value nobody changed meanwhile; answers how many.
    async fn reseal(&self, secrets: &[Resealed]) -> Result<u64, StoreError>;
}

/// What there is to rotate, in the whole installation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Census {
    pub secrets: u64,
    /// Of these, sealed with a data key that is older than the rotation under way; 0 when there is none.
    pub waiting: u64,
    /// How many data keys each master key wraps, by its id.
    pub masters: Vec<(String, u64)>,
}

/// What concerns the keys of all organizations, and the installation itself.
#[async_trait]
pub trait KeyDirectory: Send + Sync {
    /// The key check that was kept at the first start: a public text that only the same master key makes.
    async fn key_check(&self) -> Result<Option<String>, StoreError>;
    /// Keeps a key check if the present one is `expected`. False when it is not: ask again.
    async fn keep_key_check(
        &self,
        expected: Option<&str>,
        check: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;
    /// The sealed key of pseudonyms, as the composition root wrote it.
    async fn pseudonym_key(&self) -> Result<Option<String>, StoreError>;
    /// Keeps it if the present one is `expected`. False when it is not: ask again.
    async fn keep_pseudonym_key(
        &self,
        expected: Option<&str>,
        sealed: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;
    /// When the rotation of data keys began that is not finished yet.
    async fn rotation(&self) -> Result<Option<DateTime<Utc>>, StoreError>;
    /// Begins a rotation, unless one is under way; answers when that one began.
    async fn begin_rotation(&self, now: DateTime<Utc>) -> Result<DateTime<Utc>, StoreError>;
    /// Notes that the rotation that began then is finished. Another one stays.
    async fn end_rotation(&self, began: DateTime<Utc>) -> Result<(), StoreError>;
    /// Up to `limit` organizations after `after` (by id) that have data keys; with `foreign_to`, only those with a data key
    /// under another master key than this one.
    async fn key_holders(
        &self,
        foreign_to: Option<&str>,
        after: Option<OrganizationId>,
        limit: u32,
    ) -> Result<Vec<OrganizationId>, StoreError>;
    async fn census(&self, rotation: Option<DateTime<Utc>>) -> Result<Census, StoreError>;
}
