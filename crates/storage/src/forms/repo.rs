//! One organization's forms.

use super::{capture, challenges, convert, quarantine};
use crate::codec::to_json;
use crate::dialect::{contains, execute};
use crate::entity::forms::{Column, Entity, Model};
use crate::entity::submissions;
use crate::error::store_error;
use crate::keyset;
use crate::one::one;
use crate::session::Session;
use async_trait::async_trait;
use groundswell_domain::forms::{
    Form, FormRepo, FormSort, NewCapture, Quarantined, SpentChallenge, Submission, SubmissionSort,
    SubmissionStatus,
};
use groundswell_domain::paging::CursorValue;
use groundswell_domain::{FormId, LeadId, Page, PageRequest, StoreError, SubmissionId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

const UPDATE: &str = "
UPDATE forms SET name = $4, campaign_id = $5, fields = $6, styling = $7, settings = $8, updated_at = $9, version = version + 1
WHERE organization_id = $1 AND id = $2 AND version = $3";

const DELETE: &str = "DELETE FROM forms WHERE organization_id = $1 AND id = $2";

#[async_trait]
impl<C: ConnectionTrait + Send> FormRepo for Session<C> {
    async fn insert(&self, form: &Form) -> Result<(), StoreError> {
        let row = convert::form_row(self.organization, form)?;
        let insert = Entity::insert(row.into_active_model());
        insert
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn get(&self, id: FormId) -> Result<Option<Form>, StoreError> {
        let row = one(&self.conn, Entity::find_by_id((self.organization, id.0))).await?;
        row.map(convert::form).transpose()
    }

    async fn list(
        &self,
        name: Option<&str>,
        request: &PageRequest<FormSort>,
    ) -> Result<Page<Form>, StoreError> {
        let mut select = Entity::find().filter(Column::OrganizationId.eq(self.organization));
        if let Some(part) = name {
            select = select.filter(contains(&self.conn, Column::Name, part));
        }
        let field = request.sort.field;
        let sort = match field {
            FormSort::CreatedAt => Column::CreatedAt,
            FormSort::UpdatedAt => Column::UpdatedAt,
            FormSort::Name => Column::Name,
        };
        let place = |row: &Model| {
            let value = match field {
                FormSort::CreatedAt => CursorValue::Time(row.created_at),
                FormSort::UpdatedAt => CursorValue::Time(row.updated_at),
                FormSort::Name => CursorValue::Text(row.name.clone()),
            };
            (value, row.id)
        };
        keyset::page(
            &self.conn,
            select,
            (sort, Column::Id),
            request,
            place,
            convert::form,
        )
        .await
    }

    async fn update(&self, form: &Form, expected: i32) -> Result<bool, StoreError> {
        let values = [
            self.organization.into(),
            form.id.0.into(),
            expected.into(),
            form.name.as_str().into(),
            form.campaign_id.map(Uuid::from).into(),
            to_json(&form.fields)?.into(),
            to_json(&form.styling)?.into(),
            to_json(&form.settings)?.into(),
            form.updated_at.into(),
        ];
        Ok(execute(&self.conn, UPDATE, values).await.map_err(store_error)? == 1)
    }

    async fn delete(&self, id: FormId) -> Result<bool, StoreError> {
        let values = [self.organization.into(), id.0.into()];
        Ok(execute(&self.conn, DELETE, values).await.map_err(store_error)? == 1)
    }

    async fn submission(&self, id: SubmissionId) -> Result<Option<Submission>, StoreError> {
        let select = submissions::Entity::find_by_id((self.organization, id.0));
        one(&self.conn, select)
            .await?
            .map(convert::submission)
            .transpose()
    }

    async fn submissions(
        &self,
        form: FormId,
        request: &PageRequest<SubmissionSort>,
    ) -> Result<Page<Submission>, StoreError> {
        use submissions::Column;
        let select = submissions::Entity::find()
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::FormId.eq(form.0));
        let sort = match request.sort.field {
            SubmissionSort::CreatedAt => Column::CreatedAt,
        };
        let place = |row: &submissions::Model| (CursorValue::Time(row.created_at), row.id);
        keyset::page(
            &self.conn,
            select,
            (sort, Column::Id),
            request,
            place,
            convert::submission,
        )
        .await
    }

    async fn quarantine(
        &self,
        held: &Quarantined,
        challenge: Option<&SpentChallenge>,
    ) -> Result<(), StoreError> {
        let solved = challenge.map(|challenge| (challenge, held.submission.id));
        challenges::spend(&self.conn, self.organization, solved.into_iter().collect()).await?;
        quarantine::insert(&self.conn, self.organization, held).await
    }

    async fn quarantined(&self, id: SubmissionId) -> Result<Option<Quarantined>, StoreError> {
        quarantine::get(&self.conn, self.organization, id).await
    }

    async fn held_back(
        &self,
        form: FormId,
        status: SubmissionStatus,
        request: &PageRequest<SubmissionSort>,
    ) -> Result<Page<Submission>, StoreError> {
        quarantine::list(&self.conn, self.organization, form, status, request).await
    }

    async fn promised_lead(&self, email_key: &str) -> Result<Option<LeadId>, StoreError> {
        quarantine::promised_lead(&self.conn, self.organization, email_key).await
    }

    async fn release(&self, capture: &NewCapture) -> Result<Option<LeadId>, StoreError> {
        if !quarantine::take(&self.conn, self.organization, capture.submission.id).await? {
            return Ok(None);
        }
        let leads = capture::write(self, std::slice::from_ref(capture)).await?;
        Ok(leads.first().copied())
    }

    async fn reject(&self, id: SubmissionId) -> Result<bool, StoreError> {
        quarantine::reject(&self.conn, self.organization, id).await
    }
}
