//! Between rows and schedules.

use crate::codec::{from_json, parse, to_json};
use crate::entity::schedules::Model;
use groundswell_domain::StoreError;
use groundswell_domain::schedules::Schedule;
use uuid::Uuid;

pub(super) fn row(organization: Uuid, schedule: &Schedule) -> Result<Model, StoreError> {
    Ok(Model {
        organization_id: organization,
        id: schedule.id.0,
        name: schedule.name.clone(),
        action: to_json(&schedule.action)?,
        trigger: to_json(&schedule.trigger)?,
        coalesce: schedule.coalesce,
        max_instances: schedule.max_instances,
        misfire_grace: schedule.misfire_grace,
        enabled: schedule.enabled,
        next_run_at: schedule.next_run_at,
        last_run_at: schedule.last_run_at,
        last_outcome: schedule.last_outcome.map(|outcome| outcome.as_str().to_owned()),
        created_at: schedule.created_at,
        updated_at: schedule.updated_at,
        version: schedule.version,
    })
}

pub(super) fn schedule(row: Model) -> Result<Schedule, StoreError> {
    let outcome = row.last_outcome.as_deref();
    Ok(Schedule {
        id: row.id.into(),
        name: row.name,
        action: from_json("schedules.action", row.action)?,
        trigger: from_json("schedules.trigger", row.trigger)?,
        coalesce: row.coalesce,
        max_instances: row.max_instances,
        misfire_grace: row.misfire_grace,
        enabled: row.enabled,
        next_run_at: row.next_run_at,
        last_run_at: row.last_run_at,
        last_outcome: outcome
            .map(|word| parse("schedules.last_outcome", word))
            .transpose()?,
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
    })
}
