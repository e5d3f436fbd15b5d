//! Deletes what is over. Each statement takes a bounded number of rows, so that none runs long and nobody waits behind it.

use crate::dialect::{self, execute, statement};
use crate::email::forget_lead;
use crate::entity::outbox_mails;
use crate::error::store_error;
use crate::session::Session;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::privacy::{Retained, RetentionRepo};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryResult};
use uuid::Uuid;

// What somebody does, a capture for one, is an event or a consent; what is done to a lead changes it. Lines of the score's
// ledger say nothing: they are also written when scores are computed anew.
const INACTIVE: &str = "
SELECT id FROM leads WHERE organization_id = $1 AND updated_at < $2 AND NOT EXISTS (
  SELECT 1 FROM lead_events AS event
  WHERE event.organization_id = leads.organization_id AND event.lead_id = leads.id AND event.occurred_at >= $2)
AND NOT EXISTS (
  SELECT 1 FROM consents AS said
  WHERE said.organization_id = leads.organization_id AND said.lead_id = leads.id AND said.created_at >= $2)
ORDER BY updated_at, id LIMIT $3";

const LEAD: &str = "DELETE FROM leads WHERE organization_id = $1 AND id = $2 AND updated_at < $3";

// Of submissions and events there is no index by age, which every capture and every open would pay for: once a night, they
// are gone through.
const SUBMISSIONS: &str = "
DELETE FROM submissions WHERE organization_id = $1 AND id IN (
  SELECT id FROM submissions WHERE organization_id = $1 AND created_at < $2 ORDER BY id LIMIT $3)";

const HELD: &str = "
DELETE FROM quarantined_submissions WHERE organization_id = $1 AND id IN (
  SELECT id FROM quarantined_submissions WHERE organization_id = $1 AND created_at < $2 ORDER BY id LIMIT $3)";

const EVENTS: &str = "
DELETE FROM email_events WHERE organization_id = $1 AND id IN (
  SELECT id FROM email_events WHERE organization_id = $1 AND created_at < $2 ORDER BY id LIMIT $3)";

const MESSAGES: &str = "
DELETE FROM email_messages WHERE organization_id = $1 AND id IN (
  SELECT id FROM email_messages AS mail WHERE mail.organization_id = $1 AND mail.created_at < $2
    AND mail.status NOT IN ('queued', 'claimed', 'sending')
    AND NOT EXISTS (SELECT 1 FROM campaigns WHERE campaigns.organization_id = $1 AND campaigns.id = mail.campaign_id
      AND campaigns.status IN ('scheduled', 'active', 'paused'))
  ORDER BY mail.created_at, mail.id LIMIT $3)
RETURNING id";

const AUDIT: &str = "
DELETE FROM audit_log WHERE organization_id = $1 AND id IN (
  SELECT id FROM audit_log WHERE organization_id = $1 AND created_at < $2 ORDER BY created_at, id LIMIT $3)";

const DONE: &str = "UPDATE organizations SET retention_ran_at = $2 WHERE id = $1";

#[async_trait]
impl<C: ConnectionTrait + Send> RetentionRepo for Session<C> {
    async fn forget(&self, kind: Retained, before: DateTime<Utc>, limit: u32) -> Result<u64, StoreError> {
        let values = [self.organization.into(), before.into(), i64::from(limit).into()];
        let sql = match kind {
            Retained::Leads => return leads(&self.conn, self.organization, before, limit).await,
            Retained::Messages => return messages(&self.conn, self.organization, before, limit).await,
            Retained::Submissions => {
                // What is held back may be kept for a shorter time than its own, never for longer.
                let held = execute(&self.conn, HELD, values.clone())
                    .await
                    .map_err(store_error)?;
                let gone = execute(&self.conn, SUBMISSIONS, values)
                    .await
                    .map_err(store_error)?;
                return Ok(held + gone);
            }
            Retained::Events => EVENTS,
            Retained::Audit => AUDIT,
        };
        execute(&self.conn, sql, values).await.map_err(store_error)
    }

    async fn done(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let values = [self.organization.into(), now.into()];
        execute(&self.conn, DONE, values).await.map_err(store_error)?;
        Ok(())
    }
}

async fn leads(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    before: DateTime<Utc>,
    limit: u32,
) -> Result<u64, StoreError> {
    let values = [organization.into(), before.into(), i64::from(limit).into()];
    let rows = conn
        .query_all_raw(statement(conn, INACTIVE, values))
        .await
        .map_err(store_error)?;
    for lead in ids(&rows)? {
        let values = [organization.into(), lead.into(), before.into()];
        if execute(conn, LEAD, values).await.map_err(store_error)? == 1 {
            forget_lead(conn, organization, lead).await?;
        }
    }
    Ok(rows.len() as u64)
}

async fn messages(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    before: DateTime<Utc>,
    limit: u32,
) -> Result<u64, StoreError> {
    let values = [organization.into(), before.into(), i64::from(limit).into()];
    let rows = conn
        .query_all_raw(dialect::statement(conn, MESSAGES, values))
        .await
        .map_err(store_error)?;
    let gone = ids(&rows)?;
    if !gone.is_empty() {
        outbox_mails::Entity::delete_many()
            .filter(outbox_mails::Column::OrganizationId.eq(organization))
            .filter(outbox_mails::Column::Id.is_in(gone))
            .exec(conn)
            .await
            .map_err(store_error)?;
    }
    Ok(rows.len() as u64)
}

fn ids(rows: &[QueryResult]) -> Result<Vec<Uuid>, StoreError> {
    rows.iter()
        .map(|row| row.try_get_by_index(0).map_err(store_error))
        .collect()
}
