//! What is held back: rows, and how they leave.

use super::convert;
use crate::codec::{from_json, parse, to_json};
use crate::dialect::{execute, statement};
use crate::entity::quarantined_submissions::{Column, Entity, Model};
use crate::error::store_error;
use crate::keyset;
use crate::one::one;
use chrono::{DateTime, Utc};
use groundswell_domain::email::EmailAddress;
use groundswell_domain::forms::{Quarantined, Submission, SubmissionSort, SubmissionStatus};
use groundswell_domain::paging::CursorValue;
use groundswell_domain::{FormId, LeadId, Page, PageRequest, StoreError, SubmissionId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

const TAKE: &str = "DELETE FROM quarantined_submissions WHERE organization_id = $1 AND id = $2 \
    AND status = 'quarantined'";

const REJECT: &str = "UPDATE quarantined_submissions SET status = 'rejected' WHERE organization_id = $1 AND id = $2 \
    AND status = 'quarantined'";

const FORGET: &str = "DELETE FROM quarantined_submissions WHERE created_at <= $1";

const PROMISED: &str = "SELECT lead_id FROM quarantined_submissions WHERE organization_id = $1 AND email_key = $2 \
    ORDER BY created_at, id LIMIT 1";

pub(super) async fn insert(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    held: &Quarantined,
) -> Result<(), StoreError> {
    let submission = &held.submission;
    let row = Model {
        organization_id: organization,
        id: submission.id.0,
        form_id: submission.form_id.0,
        lead_id: submission.lead_id.0,
        status: submission.status.as_str().to_owned(),
        email: held.email.as_str().to_owned(),
        email_key: held.email.key(),
        profile: to_json(&held.profile)?,
        consents: to_json(&held.consents)?,
        double_opt_in: held.double_opt_in,
        answers: to_json(&submission.answers)?,
        attribution: to_json(&submission.attribution)?,
        user_agent: submission.user_agent.clone(),
        verdict: to_json(&submission.verdict)?,
        is_test: submission.test,
        created_at: submission.created_at,
    };
    Entity::insert(row.into_active_model())
        .exec_without_returning(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

pub(super) async fn get(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    id: SubmissionId,
) -> Result<Option<Quarantined>, StoreError> {
    let row = one(conn, Entity::find_by_id((organization, id.0))).await?;
    row.map(|row| {
        Ok(Quarantined {
            email: EmailAddress::from_trusted(row.email.clone()),
            profile: from_json("quarantined_submissions.profile", row.profile.clone())?,
            consents: from_json("quarantined_submissions.consents", row.consents.clone())?,
            double_opt_in: row.double_opt_in,
            submission: submission(row)?,
        })
    })
    .transpose()
}

pub(super) async fn list(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    form: FormId,
    status: SubmissionStatus,
    request: &PageRequest<SubmissionSort>,
) -> Result<Page<Submission>, StoreError> {
    let select = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::FormId.eq(form.0))
        .filter(Column::Status.eq(status.as_str()));
    let sort = match request.sort.field {
        SubmissionSort::CreatedAt => Column::CreatedAt,
    };
    let place = |row: &Model| (CursorValue::Time(row.created_at), row.id);
    keyset::page(conn, select, (sort, Column::Id), request, place, submission).await
}

fn submission(row: Model) -> Result<Submission, StoreError> {
    Ok(Submission {
        id: row.id.into(),
        form_id: row.form_id.into(),
        lead_id: row.lead_id.into(),
        status: parse("quarantined_submissions.status", &row.status)?,
        answers: from_json("quarantined_submissions.answers", row.answers)?,
        attribution: from_json("quarantined_submissions.attribution", row.attribution)?,
        user_agent: row.user_agent,
        verdict: convert::verdict("quarantined_submissions.verdict", Some(row.verdict))?,
        test: row.is_test,
        created_at: row.created_at,
    })
}

pub(super) async fn promised_lead(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    email_key: &str,
) -> Result<Option<LeadId>, StoreError> {
    let values = [organization.into(), email_key.into()];
    let row = conn
        .query_one_raw(statement(conn, PROMISED, values))
        .await
        .map_err(store_error)?;
    let id: Option<Uuid> = row
        .map(|row| row.try_get_by_index(0).map_err(store_error))
        .transpose()?;
    Ok(id.map(Into::into))
}

/// Whether it was in there; of two that take it one does.
pub(super) async fn take(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    id: SubmissionId,
) -> Result<bool, StoreError> {
    let values = [organization.into(), id.0.into()];
    Ok(execute(conn, TAKE, values).await.map_err(store_error)? == 1)
}

pub(super) async fn reject(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    id: SubmissionId,
) -> Result<bool, StoreError> {
    let values = [organization.into(), id.0.into()];
    Ok(execute(conn, REJECT, values).await.map_err(store_error)? == 1)
}

/// In all organizations.
pub(crate) async fn forget(conn: &impl ConnectionTrait, before: DateTime<Utc>) -> Result<u64, StoreError> {
    execute(conn, FORGET, [before.into()]).await.map_err(store_error)
}

/// What somebody with this address sent; the ids.
pub(crate) async fn of_address(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    email_key: &str,
) -> Result<Vec<Uuid>, StoreError> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::EmailKey.eq(email_key))
        .order_by_asc(Column::Id)
        .into_tuple()
        .all(conn)
        .await
        .map_err(store_error)
}
