//! The score ledger and its sums.

use crate::codec::parse;
use crate::dialect;
use crate::entity::{leads, score_entries, side_score_entries};
use crate::error::store_error;
use crate::keys::padded;
use groundswell_domain::StoreError;
use groundswell_domain::leads::{Axis, ScoreEntry};
use score_entries::Column;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Lines that are taken at once.
const LINES: usize = 2_000;

const ADD: &str = "UPDATE lead_scores SET total = total + $3 + $4, fit = fit + $3, \
    engagement = engagement + $4 WHERE organization_id = $1 AND lead_id = $2";

/// Adds the lines that are new, and their points to the leads' sums; how many they were.
pub(super) async fn add(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    entries: &[ScoreEntry],
) -> Result<u64, StoreError> {
    let mut added = 0;
    // Points by lead: fit and engagement. Sorted, for rows are locked in the order of their ids.
    let mut points = BTreeMap::<Uuid, (i32, i32)>::new();
    for chunk in entries.chunks(LINES) {
        let leads = lock(conn, organization, chunk).await?;
        let (own, side): (Vec<_>, Vec<_>) = chunk
            .iter()
            .filter(|entry| leads.contains(&entry.lead_id.0))
            .partition(|entry| entry.primary);
        added += add_beside(conn, organization, &side).await?;
        let rows: Vec<_> = own
            .into_iter()
            .map(|entry| score_entries::Model::of(organization, entry))
            .collect();
        let once = [
            Column::OrganizationId,
            Column::LeadId,
            Column::Rule,
            Column::Event,
        ];
        let read = [Column::LeadId, Column::Axis, Column::Points];
        for row in dialect::insert_new::<score_entries::Entity>(conn, rows, &once, &read).await? {
            let (lead, axis, more): (Uuid, String, i32) = row.try_get_many_by_index().map_err(store_error)?;
            let (fit, engagement) = points.entry(lead).or_default();
            match parse("score_entries.axis", &axis)? {
                Axis::Fit => *fit += more,
                Axis::Engagement => *engagement += more,
            }
            added += 1;
        }
    }
    for (lead, (fit, engagement)) in points {
        let values = [organization.into(), lead.into(), fit.into(), engagement.into()];
        conn.execute_raw(dialect::statement(conn, ADD, values))
            .await
            .map_err(store_error)?;
    }
    Ok(added)
}

/// Adds lines of models that run beside the primary one: no column has their sums.
pub(super) async fn add_beside(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    entries: &[&ScoreEntry],
) -> Result<u64, StoreError> {
    use side_score_entries::Column;
    let rows: Vec<_> = entries
        .iter()
        .map(|entry| side_score_entries::Model::of(organization, entry))
        .collect();
    let once = [
        Column::OrganizationId,
        Column::LeadId,
        Column::ModelId,
        Column::Rule,
        Column::Event,
    ];
    let added = dialect::insert_new::<side_score_entries::Entity>(conn, rows, &once, &[Column::Id]).await?;
    Ok(added.len() as u64)
}

/// Which of the leads exist; they are locked, so that none of them goes away before its lines are written.
async fn lock(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    entries: &[ScoreEntry],
) -> Result<BTreeSet<Uuid>, StoreError> {
    let ids: BTreeSet<Uuid> = entries.iter().map(|entry| entry.lead_id.0).collect();
    let mut query = leads::Entity::find()
        .select_only()
        .column(leads::Column::Id)
        .filter(leads::Column::OrganizationId.eq(organization))
        .filter(leads::Column::Id.is_in(padded(ids)))
        .order_by_asc(leads::Column::Id)
        .into_query();
    dialect::lock_for_update(conn, &mut query);
    let rows = conn.query_all(&query).await.map_err(store_error)?;
    rows.iter()
        .map(|row| row.try_get_by_index(0).map_err(store_error))
        .collect()
}
