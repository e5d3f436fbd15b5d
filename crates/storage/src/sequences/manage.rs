//! Sequences and their revisions.

use super::convert;
use crate::codec::{from_json, to_json};
use crate::dialect::{self, contains};
use crate::entity::sequences::{ActiveModel, Column, Entity, Model};
use crate::entity::{sequence_mails, sequence_versions};
use crate::error::store_error;
use crate::keys::padded;
use crate::keyset;
use crate::one::{one, one_locked};
use chrono::{DateTime, Utc};
use groundswell_domain::ids::SequenceId;
use groundswell_domain::paging::CursorValue;
use groundswell_domain::sequences::{Definition, Sequence, SequenceSort, SequenceStatus};
use groundswell_domain::{Page, PageRequest, StoreError};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Sequences that can be active at a time.
const MOST_ACTIVE: u64 = 1000;

const CANCEL: &str = "UPDATE email_messages SET status = 'cancelled', updated_at = $3 \
    WHERE organization_id = $1 AND status = 'queued' AND id IN (SELECT message_id FROM sequence_mails \
    WHERE organization_id = $1 AND sequence_id = $2)";

pub(super) async fn insert(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    sequence: &Sequence,
) -> Result<(), StoreError> {
    let row = convert::sequence_row(organization, sequence)?;
    Entity::insert(row.into_active_model())
        .exec_without_returning(conn)
        .await
        .map_err(store_error)?;
    add_revision(conn, organization, sequence).await
}

async fn add_revision(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    sequence: &Sequence,
) -> Result<(), StoreError> {
    use sequence_versions::Column;
    let row = sequence_versions::Model {
        organization_id: organization,
        sequence_id: sequence.id.0,
        revision: sequence.revision,
        definition: to_json(&sequence.definition)?,
        created_at: sequence.updated_at,
    };
    let unique = [Column::OrganizationId, Column::SequenceId, Column::Revision];
    dialect::insert_new::<sequence_versions::Entity>(conn, vec![row], &unique, &[Column::Revision]).await?;
    Ok(())
}

pub(super) async fn get(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    id: SequenceId,
    lock: bool,
) -> Result<Option<Sequence>, StoreError> {
    let select = Entity::find_by_id((organization, id.0));
    let row = if lock {
        one_locked(conn, select).await?
    } else {
        one(conn, select).await?
    };
    let found = with_definitions(conn, organization, row.into_iter().collect()).await?;
    Ok(found.into_iter().next())
}

pub(super) async fn list(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    status: Option<SequenceStatus>,
    name: Option<&str>,
    request: &PageRequest<SequenceSort>,
) -> Result<Page<Sequence>, StoreError> {
    let mut select = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .apply_if(status, |select, status| {
            select.filter(Column::Status.eq(status.as_str()))
        });
    if let Some(part) = name {
        select = select.filter(contains(conn, Column::Name, part));
    }
    let field = request.sort.field;
    let sort = match field {
        SequenceSort::CreatedAt => Column::CreatedAt,
        SequenceSort::UpdatedAt => Column::UpdatedAt,
        SequenceSort::Name => Column::Name,
    };
    let place = |row: &Model| {
        let value = match field {
            SequenceSort::CreatedAt => CursorValue::Time(row.created_at),
            SequenceSort::UpdatedAt => CursorValue::Time(row.updated_at),
            SequenceSort::Name => CursorValue::Text(row.name.clone()),
        };
        (value, row.id)
    };
    let page = keyset::page(conn, select, (sort, Column::Id), request, place, Ok).await?;
    Ok(Page {
        items: with_definitions(conn, organization, page.items).await?,
        next: page.next,
        total: page.total,
    })
}

pub(super) async fn active(
    conn: &impl ConnectionTrait,
    organization: Uuid,
) -> Result<Vec<Sequence>, StoreError> {
    let rows = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Status.eq(SequenceStatus::Active.as_str()))
        .order_by_asc(Column::Id)
        .limit(MOST_ACTIVE)
        .all(conn)
        .await
        .map_err(store_error)?;
    with_definitions(conn, organization, rows).await
}

async fn with_definitions(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    rows: Vec<Model>,
) -> Result<Vec<Sequence>, StoreError> {
    let wanted: Vec<_> = rows
        .iter()
        .map(|row| (SequenceId(row.id), row.revision))
        .collect();
    let mut found = definitions(conn, organization, &wanted).await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        // One that is just being deleted has none any more.
        if let Some(definition) = found.remove(&(SequenceId(row.id), row.revision)) {
            all.push(convert::sequence(row, definition)?);
        }
    }
    Ok(all)
}

pub(super) async fn definitions(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    wanted: &[(SequenceId, i32)],
) -> Result<HashMap<(SequenceId, i32), Definition>, StoreError> {
    use sequence_versions::Column;
    let mut found = HashMap::new();
    if wanted.is_empty() {
        return Ok(found);
    }
    let ids: BTreeSet<Uuid> = wanted.iter().map(|(id, _)| id.0).collect();
    let revisions: BTreeSet<i32> = wanted.iter().map(|(_, revision)| *revision).collect();
    let rows = sequence_versions::Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::SequenceId.is_in(padded(ids)))
        .filter(Column::Revision.is_in(padded(revisions)))
        .all(conn)
        .await
        .map_err(store_error)?;
    for row in rows {
        let key = (SequenceId(row.sequence_id), row.revision);
        if wanted.contains(&key) {
            found.insert(key, from_json("sequence_versions.definition", row.definition)?);
        }
    }
    Ok(found)
}

pub(super) async fn update(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    sequence: &Sequence,
    expected: i32,
) -> Result<bool, StoreError> {
    let row = convert::sequence_row(organization, sequence)?;
    let mut change = ActiveModel {
        version: ActiveValue::Set(expected + 1),
        ..row.into_active_model().reset_all()
    };
    for column in [Column::OrganizationId, Column::Id, Column::CreatedAt] {
        change.not_set(column);
    }
    let done = Entity::update_many()
        .set(change)
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Id.eq(sequence.id.0))
        .filter(Column::Version.eq(expected))
        .exec(conn)
        .await
        .map_err(store_error)?;
    if done.rows_affected == 0 {
        return Ok(false);
    }
    add_revision(conn, organization, sequence).await?;
    Ok(true)
}

pub(super) async fn delete(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    id: SequenceId,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let values = [organization.into(), id.0.into(), now.into()];
    dialect::execute(conn, CANCEL, values)
        .await
        .map_err(store_error)?;
    sequence_mails::Entity::delete_many()
        .filter(sequence_mails::Column::OrganizationId.eq(organization))
        .filter(sequence_mails::Column::SequenceId.eq(id.0))
        .exec(conn)
        .await
        .map_err(store_error)?;
    let done = Entity::delete_many()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Id.eq(id.0))
        .exec(conn)
        .await
        .map_err(store_error)?;
    Ok(done.rows_affected == 1)
}
