//! Making one lead of two, so that it can be taken back exactly.
//!
//! The row of the other lead goes away: no list, count or audience needs to know of merged leads. It is kept as JSON with
//! the merge, all columns of it; its address becomes an alias of the lead that stays. What hangs on a lead is treated
//! by table, see `tables.rs`: a table that is new needs a line there, and a test looks for those without.

mod kept;
mod ledger;
mod moved;
mod run;
mod shared;
#[cfg(test)]
mod tables;
mod undo;

pub(super) use run::{run, seal};
pub(super) use undo::undo;

use crate::entity::{lead_aliases, lead_merges};
use crate::error::store_error;
use crate::keys::padded;
use groundswell_domain::StoreError;
use groundswell_domain::duplicates::LeadMerge;
use groundswell_domain::ids::LeadId;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

pub(super) async fn newest(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    survivor: LeadId,
) -> Result<Option<LeadMerge>, StoreError> {
    use lead_merges::Column;
    let row = lead_merges::Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::LeadId.eq(survivor.0))
        .filter(Column::SurvivorId.eq(survivor.0))
        .order_by_desc(Column::MergedAt)
        .order_by_desc(Column::Id)
        .one(conn)
        .await
        .map_err(store_error)?;
    Ok(row.as_ref().map(Into::into))
}

pub(super) async fn merged_into(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    lead: LeadId,
) -> Result<Option<LeadId>, StoreError> {
    use lead_merges::Column;
    let row = lead_merges::Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::OtherId.eq(lead.0))
        .one(conn)
        .await
        .map_err(store_error)?;
    Ok(row.map(|row| row.lead_id.into()))
}

pub(super) async fn addresses(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    leads: &[LeadId],
) -> Result<Vec<String>, StoreError> {
    use lead_aliases::Column;
    if leads.is_empty() {
        return Ok(Vec::new());
    }
    lead_aliases::Entity::find()
        .select_only()
        .column(Column::EmailKey)
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::LeadId.is_in(padded(leads.iter().map(|lead| lead.0))))
        .order_by_asc(Column::EmailKey)
        .into_tuple()
        .all(conn)
        .await
        .map_err(store_error)
}
