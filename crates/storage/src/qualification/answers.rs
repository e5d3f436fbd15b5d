//! What is in the slots of leads.

use super::convert;
use crate::dialect;
use crate::entity::slot_answers::{Column, Entity, Model};
use crate::error::store_error;
use groundswell_domain::qualification::{Framework, Slot, SlotAnswer};
use groundswell_domain::{LeadId, StoreError};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use std::collections::HashSet;
use uuid::Uuid;

const KEY: [Column; 4] = [
    Column::OrganizationId,
    Column::LeadId,
    Column::Framework,
    Column::Slot,
];

/// Most answers are the first in their slot, and are added in one statement; the others take the place of what is there.
pub(super) async fn put(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    answers: &[(LeadId, SlotAnswer)],
) -> Result<(), StoreError> {
    let row = |(lead, answer): &(LeadId, SlotAnswer)| convert::answer_row(organization, *lead, answer);
    let rows: Vec<Model> = answers.iter().map(row).collect();
    let added = dialect::insert_new::<Entity>(conn, rows.clone(), &KEY, &KEY[1..]).await?;
    let added: HashSet<(Uuid, String, String)> = added
        .iter()
        .map(|row| row.try_get_many_by_index().map_err(store_error))
        .collect::<Result<_, _>>()?;
    let there = |row: &Model| !added.contains(&(row.lead_id, row.framework.clone(), row.slot.clone()));
    for row in rows.into_iter().filter(there) {
        let (lead, framework, slot) = (row.lead_id, row.framework.clone(), row.slot.clone());
        let mut change = row.into_active_model().reset_all();
        for column in KEY {
            change.not_set(column);
        }
        Entity::update_many()
            .set(change)
            .filter(Column::OrganizationId.eq(organization))
            .filter(Column::LeadId.eq(lead))
            .filter(Column::Framework.eq(framework))
            .filter(Column::Slot.eq(slot))
            .exec(conn)
            .await
            .map_err(store_error)?;
    }
    Ok(())
}

pub(super) async fn forget(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    lead: LeadId,
    framework: Framework,
    slots: &[Slot],
) -> Result<(), StoreError> {
    Entity::delete_many()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::LeadId.eq(lead.0))
        .filter(Column::Framework.eq(framework.as_str()))
        .filter(Column::Slot.is_in(slots.iter().map(|slot| slot.as_str())))
        .exec(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}
