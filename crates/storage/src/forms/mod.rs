//! Forms and submissions.

mod capture;
mod challenges;
mod convert;
mod intake;
pub(crate) mod quarantine;
mod repo;
mod visits;

use crate::entity::forms;
use crate::one::one;
use crate::store::SeaStore;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::forms::{Form, FormDirectory, NewCapture, PARTIAL_LIFE};
use groundswell_domain::{FormId, LeadId, OrganizationId, StoreError};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

/// Deletes what visitors left behind long enough ago, of all organizations. Answers how many.
pub(crate) async fn forget(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<u64, StoreError> {
    let challenges = challenges::forget(conn, now).await?;
    Ok(challenges + visits::forget(conn, now - PARTIAL_LIFE).await?)
}

#[async_trait]
impl FormDirectory for SeaStore {
    async fn form(&self, id: FormId) -> Result<Option<Form>, StoreError> {
        let select = forms::Entity::find().filter(forms::Column::Id.eq(id.0));
        one(&self.reader, select).await?.map(convert::form).transpose()
    }

    async fn capture(&self, organization: OrganizationId, capture: NewCapture) -> Result<LeadId, StoreError> {
        self.captures.write(organization, capture).await
    }
}
