//! Drafts of outreach.

use super::convert;
use crate::dialect::{self, execute, statement};
use crate::entity::outreach_drafts::{Column, Entity, Model};
use crate::error::store_error;
use crate::keys::padded;
use crate::keyset;
use crate::one::one;
use chrono::{DateTime, Utc};
use groundswell_domain::ids::{DraftId, LeadId, SequenceId, UserId};
use groundswell_domain::paging::CursorValue;
use groundswell_domain::sequences::{Draft, DraftCounts, DraftSort, DraftStatus};
use groundswell_domain::{Page, PageRequest, StoreError};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use std::collections::HashMap;
use uuid::Uuid;

const APPROVE: &str = "UPDATE outreach_drafts SET status = 'approved', decided_by = $3, decided_at = $4, updated_at = $4, \
    version = version + 1 WHERE organization_id = $1 AND sequence_id = $2 AND status = 'draft'";

const COUNTS: &str = "SELECT status, COUNT(*) FROM outreach_drafts WHERE organization_id = $1 AND sequence_id = $2 \
    GROUP BY status";

pub(super) async fn add(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    drafts: &[Draft],
) -> Result<u64, StoreError> {
    let rows = drafts
        .iter()
        .map(|draft| convert::draft_row(organization, draft))
        .collect();
    let unique = [Column::OrganizationId, Column::SequenceId, Column::LeadId];
    let added = dialect::insert_new::<Entity>(conn, rows, &unique, &[Column::Id]).await?;
    Ok(added.len() as u64)
}

pub(super) async fn get(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    id: DraftId,
) -> Result<Option<Draft>, StoreError> {
    let row = one(conn, Entity::find_by_id((organization, id.0))).await?;
    row.map(convert::draft).transpose()
}

pub(super) async fn list(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    outreach: SequenceId,
    status: Option<DraftStatus>,
    request: &PageRequest<DraftSort>,
) -> Result<Page<Draft>, StoreError> {
    let select = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::SequenceId.eq(outreach.0))
        .apply_if(status, |select, status| {
            select.filter(Column::Status.eq(status.as_str()))
        });
    let sort = match request.sort.field {
        DraftSort::CreatedAt => Column::CreatedAt,
    };
    let place = |row: &Model| (CursorValue::Time(row.created_at), row.id);
    keyset::page(conn, select, (sort, Column::Id), request, place, convert::draft).await
}

pub(super) async fn update(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    draft: &Draft,
    expected: i32,
) -> Result<bool, StoreError> {
    let done = Entity::update_many()
        .col_expr(Column::Subject, Expr::val(draft.subject.as_str()))
        .col_expr(Column::Html, Expr::val(draft.html.as_str()))
        .col_expr(Column::Text, Expr::val(draft.text.clone()))
        .col_expr(Column::Status, Expr::val(draft.status.as_str()))
        .col_expr(Column::DecidedBy, Expr::val(draft.decided_by.map(Uuid::from)))
        .col_expr(Column::DecidedAt, Expr::val(draft.decided_at))
        .col_expr(Column::UpdatedAt, Expr::val(draft.updated_at))
        .col_expr(Column::Version, Expr::val(expected + 1))
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Id.eq(draft.id.0))
        .filter(Column::Version.eq(expected))
        .exec(conn)
        .await
        .map_err(store_error)?;
    Ok(done.rows_affected == 1)
}

pub(super) async fn approve(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    outreach: SequenceId,
    by: Option<UserId>,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let values = [
        organization.into(),
        outreach.0.into(),
        by.map(Uuid::from).into(),
        now.into(),
    ];
    execute(conn, APPROVE, values).await.map_err(store_error)
}

pub(super) async fn approved(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    outreach: SequenceId,
    limit: u32,
) -> Result<Vec<LeadId>, StoreError> {
    let rows: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::LeadId)
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::SequenceId.eq(outreach.0))
        .filter(Column::Status.eq(DraftStatus::Approved.as_str()))
        .order_by_asc(Column::LeadId)
        .limit(u64::from(limit))
        .into_tuple()
        .all(conn)
        .await
        .map_err(store_error)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

pub(super) async fn entered(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    outreach: SequenceId,
    leads: &[LeadId],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if leads.is_empty() {
        return Ok(());
    }
    Entity::update_many()
        .col_expr(Column::Status, Expr::val(DraftStatus::Entered.as_str()))
        .col_expr(Column::UpdatedAt, Expr::val(now))
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::SequenceId.eq(outreach.0))
        .filter(Column::LeadId.is_in(padded(leads.iter().map(|lead| lead.0))))
        .filter(Column::Status.eq(DraftStatus::Approved.as_str()))
        .exec(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

pub(super) async fn counts(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    outreach: SequenceId,
) -> Result<DraftCounts, StoreError> {
    let statement = statement(conn, COUNTS, [organization.into(), outreach.0.into()]);
    let mut counts = DraftCounts::default();
    for row in conn.query_all_raw(statement).await.map_err(store_error)? {
        let (status, count): (String, i64) = row.try_get_many_by_index().map_err(store_error)?;
        match crate::codec::parse("outreach_drafts.status", &status)? {
            DraftStatus::Draft => counts.draft = count,
            DraftStatus::Approved => counts.approved = count,
            DraftStatus::Rejected => counts.rejected = count,
            DraftStatus::Entered => counts.entered = count,
        }
    }
    Ok(counts)
}

pub(super) async fn last(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    outreach: SequenceId,
) -> Result<Option<LeadId>, StoreError> {
    let row: Option<Uuid> = Entity::find()
        .select_only()
        .column(Column::LeadId)
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::SequenceId.eq(outreach.0))
        .order_by_desc(Column::LeadId)
        .limit(1)
        .into_tuple()
        .one(conn)
        .await
        .map_err(store_error)?;
    Ok(row.map(Into::into))
}

pub(super) async fn texts(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    outreach: SequenceId,
    leads: &[LeadId],
) -> Result<HashMap<LeadId, Draft>, StoreError> {
    if leads.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::SequenceId.eq(outreach.0))
        .filter(Column::LeadId.is_in(padded(leads.iter().map(|lead| lead.0))))
        .all(conn)
        .await
        .map_err(store_error)?;
    rows.into_iter()
        .map(|row| Ok((row.lead_id.into(), convert::draft(row)?)))
        .collect()
}
