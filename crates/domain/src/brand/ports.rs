//! Where brands are kept.

use super::profile::{Brand, OrganizationBrand};
use crate::error::StoreError;
use async_trait::async_trait;
use chrono::{DateTime, Utc};

#[async_trait]
pub trait BrandRepo: Send + Sync {
    /// The organization's brand; an empty one of version 0 while nothing was said.
    async fn get(&self) -> Result<OrganizationBrand, StoreError>;
    /// Puts another in the place of the one with this version. False when it has another one by now.
    async fn put(&self, brand: &Brand, expected: i32, now: DateTime<Utc>) -> Result<bool, StoreError>;
}
