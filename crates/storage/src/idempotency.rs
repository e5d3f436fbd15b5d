//! First answers, kept in the transaction of the effect.

use crate::codec::{from_json, to_json};
use crate::dialect::execute;
use crate::entity::idempotency_keys::{Column, Entity};
use crate::error::store_error;
use crate::one::one;
use crate::session::Session;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::idempotency::{IdempotencyKey, IdempotencyRecord, IdempotencyRepo, Outcome};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::Value;

// One statement: of two requests with one key, the second waits here for the first one's commit and then finds a
// living record, which the condition leaves alone.
const RECORD: &str = "
INSERT INTO idempotency_keys (organization_id, route, key, fingerprint, outcome, data, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (organization_id, route, key) DO UPDATE SET
  fingerprint = excluded.fingerprint, outcome = excluded.outcome, data = excluded.data,
  created_at = excluded.created_at, expires_at = excluded.expires_at
WHERE idempotency_keys.expires_at <= excluded.created_at";

#[async_trait]
impl<C: ConnectionTrait + Send> IdempotencyRepo for Session<C> {
    async fn find(
        &self,
        key: &IdempotencyKey,
        now: DateTime<Utc>,
    ) -> Result<Option<IdempotencyRecord>, StoreError> {
        let row = one(
            &self.conn,
            Entity::find_by_id((self.organization, key.route.clone(), key.key.clone()))
                .filter(Column::ExpiresAt.gt(now)),
        )
        .await?;
        row.map(|row| {
            Ok(IdempotencyRecord {
                fingerprint: row.fingerprint,
                outcome: from_json("idempotency_keys.outcome", Value::String(row.outcome))?,
                data: row.data,
            })
        })
        .transpose()
    }

    async fn record(
        &self,
        key: &IdempotencyKey,
        outcome: Outcome,
        data: &Value,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let outcome = to_json(&outcome)?;
        let values = [
            self.organization.into(),
            key.route.as_str().into(),
            key.key.as_str().into(),
            key.fingerprint.clone().into(),
            outcome.as_str().unwrap_or_default().into(),
            data.clone().into(),
            now.into(),
            expires_at.into(),
        ];
        if execute(&self.conn, RECORD, values).await.map_err(store_error)? == 1 {
            Ok(())
        } else {
            Err(StoreError::Duplicate {
                constraint: "idempotency_keys_pkey".to_owned(),
            })
        }
    }
}
