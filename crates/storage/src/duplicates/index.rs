//! What leads can be found by: written by the scan, read to find whom a lead is to be compared with.

use crate::dialect;
use crate::entity::lead_match_keys::{Column, Entity, Model};
use crate::error::store_error;
use crate::keys::padded;
use groundswell_domain::StoreError;
use groundswell_domain::duplicates::Keys;
use groundswell_domain::ids::LeadId;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::{BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// Keys in one list, below the smaller limit of bound values (32,766, of `SQLite`).
const KEYS: usize = 8_192;
/// Leads that are written at once: each has some ten keys.
const LEADS: usize = 500;

pub(super) async fn write(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    leads: &[(LeadId, Keys)],
) -> Result<(), StoreError> {
    for leads in leads.chunks(LEADS) {
        let ids: Vec<Uuid> = leads.iter().map(|(id, _)| id.0).collect();
        let there = super::pairs::existing(conn, organization, &ids).await?;
        let rows: Vec<Model> = Entity::find()
            .filter(Column::OrganizationId.eq(organization))
            .filter(Column::LeadId.is_in(padded(ids)))
            .all(conn)
            .await
            .map_err(store_error)?;
        let before: HashSet<(Uuid, String)> = rows.into_iter().map(|row| (row.lead_id, row.key)).collect();
        let after: HashSet<(Uuid, String)> = leads
            .iter()
            .filter(|(id, _)| there.contains(&id.0))
            .flat_map(|(id, keys)| keys.all().map(|key| (id.0, key.clone())))
            .collect();
        let mut gone: HashMap<Uuid, Vec<String>> = HashMap::new();
        for (lead, key) in before.difference(&after) {
            gone.entry(*lead).or_default().push(key.clone());
        }
        for (lead, keys) in gone {
            Entity::delete_many()
                .filter(Column::OrganizationId.eq(organization))
                .filter(Column::LeadId.eq(lead))
                .filter(Column::Key.is_in(padded(keys)))
                .exec(conn)
                .await
                .map_err(store_error)?;
        }
        let mut new: Vec<Model> = after
            .difference(&before)
            .map(|(lead, key)| Model {
                organization_id: organization,
                key: key.clone(),
                lead_id: *lead,
            })
            .collect();
        // One order, so that two that write can't wait for each other.
        new.sort_by(|a, b| (&a.key, a.lead_id).cmp(&(&b.key, b.lead_id)));
        let unique = [Column::OrganizationId, Column::Key, Column::LeadId];
        dialect::insert_new::<Entity>(conn, new, &unique, &[Column::LeadId]).await?;
    }
    Ok(())
}

pub(super) async fn counts(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    keys: &[String],
) -> Result<HashMap<String, u64>, StoreError> {
    let mut found = HashMap::new();
    for keys in keys.chunks(KEYS) {
        let rows: Vec<(String, i64)> = Entity::find()
            .select_only()
            .column(Column::Key)
            .column_as(Column::LeadId.count(), "leads")
            .filter(Column::OrganizationId.eq(organization))
            .filter(Column::Key.is_in(padded(keys.iter().map(String::as_str))))
            .group_by(Column::Key)
            .into_tuple()
            .all(conn)
            .await
            .map_err(store_error)?;
        for (key, leads) in rows {
            found.insert(key, u64::try_from(leads).map_err(StoreError::other)?);
        }
    }
    Ok(found)
}

pub(super) async fn sharing(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    keys: &[String],
) -> Result<Vec<(String, LeadId)>, StoreError> {
    let unique: BTreeSet<&str> = keys.iter().map(String::as_str).collect();
    let unique: Vec<&str> = unique.into_iter().collect();
    let mut found = Vec::new();
    for keys in unique.chunks(KEYS) {
        let rows: Vec<(String, Uuid)> = Entity::find()
            .select_only()
            .columns([Column::Key, Column::LeadId])
            .filter(Column::OrganizationId.eq(organization))
            .filter(Column::Key.is_in(padded(keys.iter().copied())))
            .into_tuple()
            .all(conn)
            .await
            .map_err(store_error)?;
        found.extend(rows.into_iter().map(|(key, lead)| (key, lead.into())));
    }
    Ok(found)
}
