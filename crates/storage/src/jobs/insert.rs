//! Many jobs at once.

use super::cause;
use crate::dialect;
use crate::entity::jobs::{Column, Entity, Model};
use crate::session::Session;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::jobs::{JobStatus, NewJob};
use sea_orm::ConnectionTrait;

/// Adds jobs without unique keys, each with the time it was made; one that is there already is left as it is.
pub(crate) async fn insert<C: ConnectionTrait>(
    session: &Session<C>,
    jobs: &[(&NewJob, DateTime<Utc>)],
) -> Result<(), StoreError> {
    let row = |(job, now): &(&NewJob, DateTime<Utc>)| {
        let cause = cause::columns(job.cause.or(session.cause));
        Model {
            organization_id: session.organization,
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
            request_id: cause.request_id,
            traceparent: cause.traceparent,
            schedule_id: cause.schedule_id,
            scheduled_for: cause.scheduled_for,
        }
    };
    let unique = [Column::OrganizationId, Column::Id];
    let rows = jobs.iter().map(row).collect();
    dialect::insert_new::<Entity>(&session.conn, rows, &unique, &[Column::Id]).await?;
    Ok(())
}
