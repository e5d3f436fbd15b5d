//! Many leads at once, as an import writes them. Rows are always taken in one order, so that two imports can't wait for
//! each other in a circle.

use super::counters::{self, Changes};
use super::scored::with_scores;
use crate::codec::parse;
use crate::dialect;
use crate::entity::leads::{self, Column};
use crate::entity::{lead_aliases, lead_scores, score_entries};
use crate::error::store_error;
use crate::keys::padded;
use groundswell_domain::StoreError;
use groundswell_domain::ids::LeadId;
use groundswell_domain::leads::{Lead, LeadStatus, Score, ScoreEntry};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// Keys in one list, below the smaller limit of bound values (32,766, of `SQLite`).
const KEYS: usize = 8_192;

pub(super) async fn insert(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    leads: &[Lead],
) -> Result<Vec<LeadId>, StoreError> {
    let mut rows = leads
        .iter()
        .map(|lead| leads::Model::of(organization, lead))
        .collect::<Result<Vec<_>, _>>()?;
    // Inserting an address waits for whoever inserts the same one.
    rows.sort_by(|a, b| a.email_key.cmp(&b.email_key));
    let mut added = Vec::with_capacity(rows.len());
    let mut changes = Changes::default();
    for row in dialect::insert_new_leads(conn, rows, &[Column::Id, Column::Status]).await? {
        let (id, status): (Uuid, String) = row.try_get_many_by_index().map_err(store_error)?;
        changes.count(parse("leads.status", &status)?, 1);
        added.push(LeadId::from(id));
    }
    let scores = added.iter().map(|id| (*id, Score::default()));
    insert_scores(conn, organization, scores).await?;
    changes.write(conn, organization).await?;
    Ok(added)
}

/// The scores of leads that were just added.
async fn insert_scores(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    scores: impl Iterator<Item = (LeadId, Score)>,
) -> Result<(), StoreError> {
    use lead_scores::Column;
    let rows = scores
        .map(|(lead, score)| lead_scores::Model::of(organization, lead.0, score))
        .collect();
    let unique = [Column::OrganizationId, Column::LeadId];
    dialect::insert_new::<lead_scores::Entity>(conn, rows, &unique, &[Column::LeadId]).await?;
    Ok(())
}

/// Adds new leads with the first lines of their score ledgers in their sums, leaving out those whose address is taken;
/// answers with the ids that were added.
pub(crate) async fn insert_scored(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    leads: &[(&Lead, &[ScoreEntry])],
) -> Result<HashSet<LeadId>, StoreError> {
    let mut rows = leads
        .iter()
        .map(|(lead, _)| leads::Model::of(organization, lead))
        .collect::<Result<Vec<_>, _>>()?;
    rows.sort_by(|a, b| a.email_key.cmp(&b.email_key));
    let mut added = HashSet::with_capacity(rows.len());
    let mut counts = BTreeMap::<String, i64>::new();
    let mut slot = None;
    for row in dialect::insert_new_leads(conn, rows, &[Column::Id, Column::Status]).await? {
        let (id, status): (Uuid, String) = row.try_get_many_by_index().map_err(store_error)?;
        *counts.entry(status).or_default() += 1;
        slot.get_or_insert(id);
        added.insert(LeadId::from(id));
    }
    let scores = leads
        .iter()
        .filter(|(lead, _)| added.contains(&lead.id))
        .map(|(lead, lines)| (lead.id, Score::sum(lines.iter().filter(|line| line.primary))));
    insert_scores(conn, organization, scores).await?;
    let (own, side): (Vec<_>, Vec<_>) = leads
        .iter()
        .filter(|(lead, _)| added.contains(&lead.id))
        .flat_map(|(_, lines)| *lines)
        .partition(|line| line.primary);
    super::score::add_beside(conn, organization, &side).await?;
    let lines = own
        .into_iter()
        .map(|line| score_entries::Model::of(organization, line))
        .collect();
    let unique = [score_entries::Column::OrganizationId, score_entries::Column::Id];
    dialect::insert_new::<score_entries::Entity>(conn, lines, &unique, &[unique[1]]).await?;
    // In the slot of one of them: that of imports would be held until their end.
    for (status, count) in counts {
        if let Some(lead) = slot {
            counters::add(conn, organization, lead, &status, count).await?;
        }
    }
    Ok(added)
}

pub(super) async fn by_email_keys(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    keys: &[String],
) -> Result<Vec<Lead>, StoreError> {
    let rows = rows_by_email_keys(conn, organization, keys).await?;
    with_scores(conn, organization, rows).await
}

/// The same for whoever has no need of scores.
pub(crate) async fn rows_by_email_keys(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    keys: &[String],
) -> Result<Vec<leads::Model>, StoreError> {
    let mut found = Vec::new();
    let mut keys = keys.to_vec();
    keys.sort_unstable();
    keys.dedup();
    for keys in keys.chunks(KEYS) {
        let query = dialect::leads_by_email(conn, organization, keys);
        for row in conn.query_all_raw(query).await.map_err(store_error)? {
            found.push(leads::Model::from_query_result(&row, "").map_err(store_error)?);
        }
    }
    let there: HashSet<&str> = found.iter().map(|lead| lead.email_key.as_str()).collect();
    keys.retain(|key| !there.contains(key.as_str()));
    let ids: HashSet<Uuid> = found.iter().map(|lead| lead.id).collect();
    let more = aliases(conn, organization, &keys).await?;
    let more: BTreeSet<Uuid> = more.into_values().filter(|id| !ids.contains(id)).collect();
    if !more.is_empty() {
        found.extend(by_ids(conn, organization, more).await?);
    }
    Ok(found)
}

/// Locked, in the order in which others lock them.
async fn by_ids(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    ids: BTreeSet<Uuid>,
) -> Result<Vec<leads::Model>, StoreError> {
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(KEYS) {
        let mut query = leads::Entity::find()
            .filter(Column::OrganizationId.eq(organization))
            .filter(Column::Id.is_in(padded(ids.iter().copied())))
            .order_by_asc(Column::EmailKey)
            .into_query();
        dialect::lock_for_update(conn, &mut query);
        for row in conn.query_all(&query).await.map_err(store_error)? {
            found.push(leads::Model::from_query_result(&row, "").map_err(store_error)?);
        }
    }
    Ok(found)
}

/// Which leads have these addresses besides their own.
pub(crate) async fn aliases(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    keys: &[String],
) -> Result<HashMap<String, Uuid>, StoreError> {
    use lead_aliases::Column;
    let mut found = HashMap::new();
    for keys in keys.chunks(KEYS) {
        let rows: Vec<(String, Uuid)> = lead_aliases::Entity::find()
            .select_only()
            .columns([Column::EmailKey, Column::LeadId])
            .filter(Column::OrganizationId.eq(organization))
            .filter(Column::EmailKey.is_in(padded(keys.iter().map(String::as_str))))
            .into_tuple()
            .all(conn)
            .await
            .map_err(store_error)?;
        found.extend(rows);
    }
    Ok(found)
}

/// That no other lead is found by this address.
pub(super) async fn check_free(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    lead: &Lead,
) -> Result<(), StoreError> {
    let owners = aliases(conn, organization, &[lead.email.key()]).await?;
    if owners.values().all(|owner| *owner == lead.id.0) {
        return Ok(());
    }
    Err(StoreError::Duplicate {
        constraint: "lead_aliases_email_key".into(),
    })
}

/// Writes everything but score and creation if the row is at `expected` version, and what is known of the address only if it is
/// another one; how many rows it was.
pub(super) async fn update_row(
    conn: &impl ConnectionTrait,
    row: leads::Model,
    expected: i32,
    new_address: bool,
) -> Result<u64, StoreError> {
    let key = (row.organization_id, row.id);
    let mut change = leads::ActiveModel {
        version: ActiveValue::Set(expected + 1),
        ..row.into_active_model().reset_all()
    };
    for column in [Column::OrganizationId, Column::Id, Column::CreatedAt] {
        change.not_set(column);
    }
    if !new_address {
        // What a sweep found meanwhile.
        change.not_set(Column::AddressChecks);
        change.not_set(Column::AddressCheckedAt);
        change.not_set(Column::VerifyAt);
    }
    let done = leads::Entity::update_many()
        .set(change)
        .filter(Column::OrganizationId.eq(key.0))
        .filter(Column::Id.eq(key.1))
        .filter(Column::Version.eq(expected))
        .exec(conn)
        .await
        .map_err(store_error)?;
    Ok(done.rows_affected)
}

pub(super) async fn update(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    leads: &[Lead],
) -> Result<(), StoreError> {
    let mut changes = Changes::default();
    for chunk in leads.chunks(KEYS) {
        let before = statuses(conn, organization, chunk).await?;
        let mut rows = Vec::with_capacity(chunk.len());
        for lead in chunk {
            // One that is gone meanwhile is not counted, and no row will match it.
            if let Some(status) = before.get(&lead.id.0) {
                changes.count(*status, -1);
                changes.count(lead.status, 1);
                rows.push(leads::Model::of(organization, lead)?);
            }
        }
        for statement in dialect::update_leads(conn, organization, &rows)? {
            conn.execute_raw(statement).await.map_err(store_error)?;
        }
    }
    changes.write(conn, organization).await
}

async fn statuses(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    leads: &[Lead],
) -> Result<HashMap<Uuid, LeadStatus>, StoreError> {
    let mut query = leads::Entity::find()
        .select_only()
        .columns([Column::Id, Column::Status])
        .filter(Column::OrganizationId.eq(organization))
        .filter(Expr::col(Column::Id.as_column_ref()).is_in(padded(leads.iter().map(|lead| lead.id.0))))
        .order_by_asc(Column::EmailKey)
        .into_query();
    dialect::lock_for_update(conn, &mut query);
    let rows = conn.query_all(&query).await.map_err(store_error)?;
    let mut statuses = HashMap::with_capacity(rows.len());
    for row in rows {
        let (id, status): (Uuid, String) = row.try_get_many_by_index().map_err(store_error)?;
        statuses.insert(id, parse("leads.status", &status)?);
    }
    Ok(statuses)
}
