//! Leads from all times, for a preview.

use super::piece::{self, Which};
use crate::entity::leads::{Column, Entity};
use crate::error::store_error;
use groundswell_domain::StoreError;
use groundswell_domain::scoring::LeadHistory;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Places in time from which leads are taken.
const PLACES: u32 = 20;

/// All leads if they are no more than `limit`. Otherwise some after each of evenly spaced ids: ids begin with the time they
/// were made at, and the same ones are found each time, each place by the primary key alone.
pub(super) async fn sample(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    limit: u32,
) -> Result<Vec<LeadHistory>, StoreError> {
    let first = ids(conn, organization, Uuid::nil(), limit.saturating_add(1)).await?;
    let mut chosen: BTreeSet<Uuid> = BTreeSet::new();
    if first.len() <= limit as usize {
        chosen.extend(first);
    } else if let (Some(lowest), Some(highest)) = (first.first(), highest(conn, organization).await?) {
        let step = (highest.as_u128() - lowest.as_u128()) / u128::from(PLACES);
        for place in 0..PLACES {
            let from = Uuid::from_u128(lowest.as_u128() + step * u128::from(place) - 1);
            chosen.extend(ids(conn, organization, from, (limit / PLACES).max(1)).await?);
        }
    }
    let chosen: Vec<Uuid> = chosen.into_iter().collect();
    if chosen.is_empty() {
        return Ok(Vec::new());
    }
    let which = Which::These(&chosen);
    let leads = piece::leads(conn, organization, &which, false).await?;
    let mut events = piece::events(conn, organization, &which).await?;
    let with_events = |lead: groundswell_domain::leads::Lead| LeadHistory {
        events: events.remove(&lead.id.0).unwrap_or_default(),
        lead,
    };
    Ok(leads.into_iter().map(with_events).collect())
}

async fn ids(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    after: Uuid,
    limit: u32,
) -> Result<Vec<Uuid>, StoreError> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Id.gt(after))
        .order_by_asc(Column::Id)
        .limit(u64::from(limit))
        .into_tuple()
        .all(conn)
        .await
        .map_err(store_error)
}

async fn highest(conn: &impl ConnectionTrait, organization: Uuid) -> Result<Option<Uuid>, StoreError> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::OrganizationId.eq(organization))
        .order_by(Column::Id, Order::Desc)
        .into_tuple()
        .one(conn)
        .await
        .map_err(store_error)
}
