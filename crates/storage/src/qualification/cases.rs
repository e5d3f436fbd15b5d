//! Leads with everything that a verdict is founded on: one statement for each kind of thing, however many leads.

use super::convert;
use crate::entity::{slot_answers, stage_holds};
use crate::error::store_error;
use crate::scoring::piece::{self, Which};
use groundswell_domain::StoreError;
use groundswell_domain::leads::Lead;
use groundswell_domain::qualification::{Case, SlotAnswer, StageHold};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::HashMap;
use uuid::Uuid;

pub(super) async fn cases(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    which: &Which<'_>,
    with_events: bool,
    lock: bool,
) -> Result<Vec<Case>, StoreError> {
    // The rest under the locks: whoever adds to it has one of them.
    let leads = piece::leads(conn, organization, which, lock).await?;
    let mut events = if with_events {
        piece::events(conn, organization, which).await?
    } else {
        HashMap::new()
    };
    let mut answers = answers(conn, organization, which).await?;
    let mut holds = holds(conn, organization, which).await?;
    let case = |lead: Lead| Case {
        events: events.remove(&lead.id.0).unwrap_or_default(),
        answers: answers.remove(&lead.id.0).unwrap_or_default(),
        hold: holds.remove(&lead.id.0),
        lead,
    };
    Ok(leads.into_iter().map(case).collect())
}

async fn answers(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    which: &Which<'_>,
) -> Result<HashMap<Uuid, Vec<SlotAnswer>>, StoreError> {
    use slot_answers::{Column, Entity};
    let mut found: HashMap<Uuid, Vec<SlotAnswer>> = HashMap::new();
    for condition in which.conditions(Column::LeadId) {
        let rows = Entity::find()
            .filter(Column::OrganizationId.eq(organization))
            .filter(condition)
            .all(conn)
            .await
            .map_err(store_error)?;
        for row in rows {
            found.entry(row.lead_id).or_default().push(convert::answer(row)?);
        }
    }
    Ok(found)
}

async fn holds(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    which: &Which<'_>,
) -> Result<HashMap<Uuid, StageHold>, StoreError> {
    use stage_holds::{Column, Entity};
    let mut found = HashMap::new();
    for condition in which.conditions(Column::LeadId) {
        let rows = Entity::find()
            .filter(Column::OrganizationId.eq(organization))
            .filter(condition)
            .all(conn)
            .await
            .map_err(store_error)?;
        found.extend(rows.into_iter().map(|row| (row.lead_id, convert::hold(row))));
    }
    Ok(found)
}
