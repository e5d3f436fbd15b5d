//! Many jobs at once.

use crate::dialect;
use crate::entity::jobs::{Column, Entity, Model};
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::jobs::{JobStatus, NewJob};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

/// Adds jobs without unique keys, each with the time it was made; one that is there already is left as it is.
pub(crate) async fn insert(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    jobs: &[(&NewJob, DateTime<Utc>)],
) -> Result<(), StoreError> {
    let row = |(job, now): &(&NewJob, DateTime<Utc>)| Model {
        organization_id: organization,
        id: job.id.0,
        kind: job.kind.clone(),
        payload: job.payload.clone(),
        status: JobStatus::Queued.as_str().to_owned(),
        priority: job.priority as i32,
        attempt: 0,
        max_attempts: job.max_attempts,
        run_at: job.run_at,
        unique_key: job.unique_key.clone(),
        lease_token: None,
        lease_until: None,
        last_error: None,
        created_at: *now,
        finished_at: None,
    };
    let unique = [Column::OrganizationId, Column::Id];
    dialect::insert_new::<Entity>(conn, jobs.iter().map(row).collect(), &unique, &[Column::Id]).await?;
    Ok(())
}
