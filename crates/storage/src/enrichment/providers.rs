//! Providers of an organization.

use super::convert;
use crate::dialect::{execute, statement};
use crate::entity::enrichment_providers::{self, Column, Entity, Model};
use crate::error::store_error;
use crate::keyset;
use chrono::{DateTime, Utc};
use groundswell_domain::enrichment::{EnrichmentProvider, ProviderSort};
use groundswell_domain::paging::CursorValue;
use groundswell_domain::{EnrichmentProviderId, Page, PageRequest, StoreError};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use uuid::Uuid;

const DELETE: &str = "DELETE FROM enrichment_providers WHERE organization_id = $1 AND id = $2";

// The next turn is after the last one that somebody took, however many come at once.
const TURN: &str = "UPDATE enrichment_providers SET next_turn = CASE WHEN next_turn > $3 THEN next_turn ELSE $3 END + $4 \
    WHERE organization_id = $1 AND id = $2 RETURNING next_turn";

pub(super) async fn list(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    page: &PageRequest<ProviderSort>,
) -> Result<Page<EnrichmentProvider>, StoreError> {
    let field = page.sort.field;
    let sort = match field {
        ProviderSort::Position => Column::Position,
        ProviderSort::CreatedAt => Column::CreatedAt,
        ProviderSort::Name => Column::Name,
    };
    let place = |row: &Model| {
        let value = match field {
            ProviderSort::Position => CursorValue::Number(row.position.into()),
            ProviderSort::CreatedAt => CursorValue::Time(row.created_at),
            ProviderSort::Name => CursorValue::Text(row.name.clone()),
        };
        (value, row.id)
    };
    let select = Entity::find().filter(Column::OrganizationId.eq(organization));
    keyset::page(conn, select, (sort, Column::Id), page, place, convert::provider).await
}

pub(super) async fn waterfall(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    limit: u32,
) -> Result<Vec<EnrichmentProvider>, StoreError> {
    let rows = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Enabled.eq(true))
        .order_by_asc(Column::Position)
        .order_by_asc(Column::Id)
        .limit(u64::from(limit))
        .all(conn)
        .await
        .map_err(store_error)?;
    rows.into_iter().map(convert::provider).collect()
}

pub(super) async fn insert(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    provider: &EnrichmentProvider,
) -> Result<(), StoreError> {
    let row = convert::provider_row(organization, provider)?;
    Entity::insert(row.into_active_model())
        .exec_without_returning(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

pub(super) async fn update(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    provider: &EnrichmentProvider,
    expected: i32,
) -> Result<bool, StoreError> {
    let row = convert::provider_row(organization, provider)?;
    let mut change = enrichment_providers::ActiveModel {
        version: ActiveValue::Set(expected + 1),
        ..row.into_active_model().reset_all()
    };
    for column in [
        Column::OrganizationId,
        Column::Id,
        Column::CreatedAt,
        Column::NextTurn,
    ] {
        change.not_set(column);
    }
    let done = Entity::update_many()
        .set(change)
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Id.eq(provider.id.0))
        .filter(Column::Version.eq(expected))
        .exec(conn)
        .await
        .map_err(store_error)?;
    Ok(done.rows_affected == 1)
}

pub(super) async fn delete(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    id: EnrichmentProviderId,
) -> Result<bool, StoreError> {
    let values = [organization.into(), id.0.into()];
    Ok(execute(conn, DELETE, values).await.map_err(store_error)? == 1)
}

pub(super) async fn take_turn(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    provider: &EnrichmentProvider,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let interval = provider.interval().num_microseconds().unwrap_or_default();
    let values = [
        organization.into(),
        provider.id.0.into(),
        now.timestamp_micros().into(),
        interval.into(),
    ];
    let row = conn
        .query_one_raw(statement(conn, TURN, values))
        .await
        .map_err(store_error)?;
    let Some(row) = row else { return Ok(None) };
    let next: i64 = row.try_get_by_index(0).map_err(store_error)?;
    Ok(DateTime::from_timestamp_micros(next - interval))
}
