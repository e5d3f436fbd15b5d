//! Forms and submissions.

mod capture;
mod convert;
mod intake;
pub(crate) mod quarantine;
mod repo;

pub(crate) use intake::Intake;

use crate::entity::forms;
use crate::one::one;
use crate::store::SeaStore;
use async_trait::async_trait;
use groundswell_domain::forms::{Form, FormDirectory, NewCapture};
use groundswell_domain::{FormId, LeadId, OrganizationId, StoreError};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

#[async_trait]
impl FormDirectory for SeaStore {
    async fn form(&self, id: FormId) -> Result<Option<Form>, StoreError> {
        let select = forms::Entity::find().filter(forms::Column::Id.eq(id.0));
        one(&self.reader, select).await?.map(convert::form).transpose()
    }

    async fn capture(&self, organization: OrganizationId, capture: NewCapture) -> Result<LeadId, StoreError> {
        self.intake.capture(organization, capture).await
    }
}
