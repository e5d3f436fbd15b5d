//! Who is, or was, in a sequence. Whoever changes an enrollment has locked its lead first, so that the engine and what happens
//! to leads don't wait for each other in a circle.

use super::convert;
use crate::dialect::{self, execute, statement};
use crate::entity::leads;
use crate::entity::sequence_enrollments::{Column, Entity, Model};
use crate::error::store_error;
use crate::keys::padded;
use crate::keyset;
use crate::one::one;
use chrono::{DateTime, Utc};
use groundswell_domain::ids::{EnrollmentId, LeadId, SequenceId};
use groundswell_domain::paging::CursorValue;
use groundswell_domain::sequences::{
    Enrollment, EnrollmentFilter, EnrollmentSort, EnrollmentStatus, LastEntry, Phase,
};
use groundswell_domain::{Page, PageRequest, StoreError};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QueryResult,
    QuerySelect, QueryTrait, Select,
};
use std::collections::HashMap;
use uuid::Uuid;

/// Rows in one statement: 18 values each stay far below the smaller limit of bound values (32,766, of `SQLite`).
const ROWS: usize = 500;

const WITH_DUE: &str = "SELECT id FROM sequences WHERE organization_id = $1 AND status = 'active' AND EXISTS ( \
    SELECT 1 FROM sequence_enrollments AS inside WHERE inside.organization_id = sequences.organization_id \
    AND inside.sequence_id = sequences.id AND inside.wake_at <= $2) ORDER BY id";

const NEXT_DUE: &str = "SELECT MIN((SELECT MIN(inside.wake_at) FROM sequence_enrollments AS inside \
    WHERE inside.organization_id = sequences.organization_id AND inside.sequence_id = sequences.id AND inside.wake_at IS NOT NULL)) \
    FROM sequences WHERE organization_id = $1 AND status = 'active'";

// The word is a literal because a partial index is not used for parameters.
const OUTDATED: &str = "SELECT id, lead_id FROM sequence_enrollments WHERE organization_id = $1 AND sequence_id = $2 \
    AND status = 'active' AND revision < $3 LIMIT $4";

const ANSWERED: &str = "UPDATE sequence_enrollments SET phase = $4, wake_at = $5 \
    WHERE organization_id = $1 AND id = $2 AND taken = $3 AND phase = 'calling' AND status = 'active'";

const TRIED: &str = "UPDATE sequence_enrollments SET attempt = attempt + 1 \
    WHERE organization_id = $1 AND id = $2 AND taken = $3 AND phase = 'calling' AND status = 'active'";

pub(super) async fn lock_leads(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    ids: &[LeadId],
) -> Result<Vec<LeadId>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = leads::Entity::find()
        .select_only()
        .column(leads::Column::Id)
        .filter(leads::Column::OrganizationId.eq(organization))
        .filter(leads::Column::Id.is_in(padded(ids.iter().map(|id| id.0))))
        .order_by_asc(leads::Column::Id)
        .into_query();
    dialect::lock_for_update(conn, &mut query);
    let rows = conn.query_all(&query).await.map_err(store_error)?;
    rows.iter().map(|row| id_at(row, 0).map(Into::into)).collect()
}

fn id_at(row: &QueryResult, index: usize) -> Result<Uuid, StoreError> {
    row.try_get_by_index(index).map_err(store_error)
}

pub(super) async fn last_entries(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    sequence: SequenceId,
    ids: &[LeadId],
) -> Result<HashMap<LeadId, LastEntry>, StoreError> {
    let mut last: HashMap<LeadId, LastEntry> = HashMap::new();
    if ids.is_empty() {
        return Ok(last);
    }
    let rows: Vec<(Uuid, DateTime<Utc>, Option<DateTime<Utc>>)> = Entity::find()
        .select_only()
        .columns([Column::LeadId, Column::EnteredAt, Column::ExitedAt])
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::SequenceId.eq(sequence.0))
        .filter(Column::LeadId.is_in(padded(ids.iter().map(|id| id.0))))
        .order_by_asc(Column::EnteredAt)
        .order_by_asc(Column::Id)
        .into_tuple()
        .all(conn)
        .await
        .map_err(store_error)?;
    for (lead, entered_at, exited_at) in rows {
        last.insert(
            lead.into(),
            LastEntry {
                entered_at,
                exited_at,
            },
        );
    }
    Ok(last)
}

pub(super) async fn enter(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    enrollments: &[Enrollment],
) -> Result<(), StoreError> {
    for piece in enrollments.chunks(ROWS) {
        let rows = piece
            .iter()
            .map(|one| convert::enrollment_row(organization, one).into_active_model());
        Entity::insert_many(rows)
            .exec_without_returning(conn)
            .await
            .map_err(store_error)?;
    }
    Ok(())
}

pub(super) async fn write(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    enrollments: &[Enrollment],
) -> Result<(), StoreError> {
    let conflict = OnConflict::columns([Column::OrganizationId, Column::Id])
        .update_columns([
            Column::Revision,
            Column::Status,
            Column::Step,
            Column::Phase,
            Column::Taken,
            Column::Attempt,
            Column::ArrivedAt,
            Column::DueAt,
            Column::WakeAt,
            Column::Listens,
            Column::ExitedAt,
            Column::ExitReason,
            Column::ExitNote,
        ])
        .to_owned();
    for piece in enrollments.chunks(ROWS) {
        let rows = piece
            .iter()
            .map(|one| convert::enrollment_row(organization, one).into_active_model());
        Entity::insert_many(rows)
            .on_conflict(conflict.clone())
            .exec_without_returning(conn)
            .await
            .map_err(store_error)?;
    }
    Ok(())
}

pub(super) async fn get(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    id: EnrollmentId,
) -> Result<Option<Enrollment>, StoreError> {
    let row = one(conn, Entity::find_by_id((organization, id.0))).await?;
    row.map(convert::enrollment).transpose()
}

pub(super) async fn list(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    sequence: SequenceId,
    filter: &EnrollmentFilter,
    request: &PageRequest<EnrollmentSort>,
) -> Result<Page<Enrollment>, StoreError> {
    // All fields are named, so that a new one can't be forgotten.
    let EnrollmentFilter {
        status,
        step,
        lead_id,
        exit_reason,
    } = filter;
    let select = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::SequenceId.eq(sequence.0))
        .apply_if(*status, |select, status| {
            select.filter(Column::Status.eq(status.as_str()))
        })
        .apply_if(step.as_deref(), |select, step| {
            select.filter(Column::Step.eq(step))
        })
        .apply_if(*lead_id, |select, lead| select.filter(Column::LeadId.eq(lead.0)))
        .apply_if(*exit_reason, |select, reason| {
            select.filter(Column::ExitReason.eq(reason.as_str()))
        });
    let sort = match request.sort.field {
        EnrollmentSort::CreatedAt => Column::EnteredAt,
    };
    let place = |row: &Model| (CursorValue::Time(row.entered_at), row.id);
    keyset::page(
        conn,
        select,
        (sort, Column::Id),
        request,
        place,
        convert::enrollment,
    )
    .await
}

pub(super) async fn with_due(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    now: DateTime<Utc>,
) -> Result<Vec<SequenceId>, StoreError> {
    let statement = statement(conn, WITH_DUE, [organization.into(), now.into()]);
    let rows = conn.query_all_raw(statement).await.map_err(store_error)?;
    rows.iter().map(|row| id_at(row, 0).map(Into::into)).collect()
}

pub(super) async fn due(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    sequence: SequenceId,
    now: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<(EnrollmentId, LeadId)>, StoreError> {
    let select = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::SequenceId.eq(sequence.0))
        .filter(Column::WakeAt.lte(now))
        .order_by_asc(Column::WakeAt)
        .order_by_asc(Column::Id)
        .limit(u64::from(limit));
    pairs(conn, select).await
}

pub(super) async fn outdated(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    sequence: SequenceId,
    revision: i32,
    limit: u32,
) -> Result<Vec<(EnrollmentId, LeadId)>, StoreError> {
    let values = [
        organization.into(),
        sequence.0.into(),
        revision.into(),
        i64::from(limit).into(),
    ];
    let rows = conn
        .query_all_raw(statement(conn, OUTDATED, values))
        .await
        .map_err(store_error)?;
    rows.iter().map(pair).collect()
}

async fn pairs(
    conn: &impl ConnectionTrait,
    select: Select<Entity>,
) -> Result<Vec<(EnrollmentId, LeadId)>, StoreError> {
    let query = select
        .select_only()
        .columns([Column::Id, Column::LeadId])
        .into_query();
    let rows = conn
        .query_all_raw(dialect::page(conn, &query))
        .await
        .map_err(store_error)?;
    rows.iter().map(pair).collect()
}

fn pair(row: &QueryResult) -> Result<(EnrollmentId, LeadId), StoreError> {
    Ok((id_at(row, 0)?.into(), id_at(row, 1)?.into()))
}

pub(super) async fn next_due(
    conn: &impl ConnectionTrait,
    organization: Uuid,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let statement = statement(conn, NEXT_DUE, [organization.into()]);
    let row = conn.query_one_raw(statement).await.map_err(store_error)?;
    row.map_or(Ok(None), |row| row.try_get_by_index(0).map_err(store_error))
}

pub(super) async fn lock(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    ids: &[EnrollmentId],
) -> Result<Vec<Enrollment>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let select = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Id.is_in(padded(ids.iter().map(|id| id.0))));
    locked(conn, select).await
}

pub(super) async fn active_of(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    ids: &[LeadId],
    sequence: Option<SequenceId>,
) -> Result<Vec<Enrollment>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let select = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::LeadId.is_in(padded(ids.iter().map(|id| id.0))))
        .filter(Column::Status.eq(EnrollmentStatus::Active.as_str()))
        .apply_if(sequence, |select, id| select.filter(Column::SequenceId.eq(id.0)));
    locked(conn, select).await
}

async fn locked(conn: &impl ConnectionTrait, select: Select<Entity>) -> Result<Vec<Enrollment>, StoreError> {
    use sea_orm::FromQueryResult;
    let mut query = select.order_by_asc(Column::Id).into_query();
    dialect::lock_for_update(conn, &mut query);
    let rows = conn.query_all(&query).await.map_err(store_error)?;
    rows.iter()
        .map(|row| convert::enrollment(Model::from_query_result(row, "").map_err(store_error)?))
        .collect()
}

pub(super) async fn wake(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    ids: &[LeadId],
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    if ids.is_empty() {
        return Ok(false);
    }
    let done = Entity::update_many()
        .col_expr(Column::WakeAt, Expr::val(now))
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::LeadId.is_in(padded(ids.iter().map(|id| id.0))))
        .filter(Column::Status.eq(EnrollmentStatus::Active.as_str()))
        .filter(Column::Listens.eq(true))
        .filter(Column::Phase.ne(Phase::Calling.as_str()))
        .exec(conn)
        .await
        .map_err(store_error)?;
    Ok(done.rows_affected > 0)
}

pub(super) async fn answered(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    (id, taken): (EnrollmentId, i32),
    took_it: bool,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let phase = if took_it { Phase::Answered } else { Phase::Refused };
    let values = [
        organization.into(),
        id.0.into(),
        taken.into(),
        phase.as_str().into(),
        now.into(),
    ];
    Ok(execute(conn, ANSWERED, values).await.map_err(store_error)? == 1)
}

pub(super) async fn tried(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    id: EnrollmentId,
    taken: i32,
) -> Result<bool, StoreError> {
    let values = [organization.into(), id.0.into(), taken.into()];
    Ok(execute(conn, TRIED, values).await.map_err(store_error)? == 1)
}
