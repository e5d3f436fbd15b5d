//! Entries whose time is over, of every organization that has no number of days of its own.

use crate::dialect::execute;
use crate::error::store_error;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use sea_orm::ConnectionTrait;

// A piece at a time, so that no statement runs long and nobody waits behind it.
const FORGET: &str = "
DELETE FROM audit_log WHERE (organization_id, id) IN (
  SELECT organization_id, id FROM audit_log WHERE created_at < $1
    AND organization_id NOT IN (SELECT id FROM organizations WHERE keep_audit_days IS NOT NULL)
  ORDER BY created_at LIMIT $2)";

pub(crate) async fn forget(
    conn: &impl ConnectionTrait,
    before: DateTime<Utc>,
    limit: u32,
) -> Result<u64, StoreError> {
    let values = [before.into(), i64::from(limit).into()];
    execute(conn, FORGET, values).await.map_err(store_error)
}
