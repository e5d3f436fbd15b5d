//! Forms and submissions.

mod convert;
mod repo;

use crate::entity::forms;
use crate::error::store_error;
use crate::store::SeaStore;
use async_trait::async_trait;
use groundswell_domain::forms::{Form, FormDirectory};
use groundswell_domain::{FormId, StoreError};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

#[async_trait]
impl FormDirectory for SeaStore {
    async fn form(&self, id: FormId) -> Result<Option<Form>, StoreError> {
        let select = forms::Entity::find().filter(forms::Column::Id.eq(id.0));
        select
            .one(&self.reader)
            .await
            .map_err(store_error)?
            .map(convert::form)
            .transpose()
    }
}
