//! Turns at mail servers, and who has domains.

use crate::dialect::{execute, statement};
use crate::entity::email_domains::{Column, Entity};
use crate::error::store_error;
use crate::store::SeaStore;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::email::{Pace, SendingDirectory, Turn};
use groundswell_domain::{MessageId, OrganizationId, SendingDomainId, StoreError};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

// One row, and one number in it (GCRA). Nothing comes back when it is not yet time.
const TAKE: &str = "INSERT INTO email_server_turns AS turns (server, next_turn) VALUES ($1, $2 + $3) \
    ON CONFLICT (server) DO UPDATE SET next_turn = \
    CASE WHEN turns.next_turn > $2 THEN turns.next_turn ELSE $2 END + $3 \
    WHERE turns.next_turn <= $2 + $4 RETURNING next_turn";
const NEXT: &str = "SELECT next_turn FROM email_server_turns WHERE server = $1";

// By each organization's primary key: there is no index over the mails of all of them.
const OWNER: &str = "SELECT id FROM organizations WHERE EXISTS (SELECT 1 FROM email_messages \
    WHERE email_messages.organization_id = organizations.id AND email_messages.id = $1) LIMIT 1";
const FORGET_BOUNCES: &str = "DELETE FROM bounces WHERE (organization_id, id) IN \
    (SELECT organization_id, id FROM bounces WHERE created_at < $1 ORDER BY created_at LIMIT $2)";

fn micros(time: TimeDelta) -> i64 {
    time.num_microseconds().unwrap_or(i64::MAX / 4)
}

#[async_trait]
impl SendingDirectory for SeaStore {
    async fn take_turn(&self, server: &str, pace: &Pace, now: DateTime<Utc>) -> Result<Turn, StoreError> {
        // A turn that is ahead of its time by less than this is now.
        let early = (pace.burst - pace.interval).max(TimeDelta::zero());
        let values = [
            server.into(),
            now.timestamp_micros().into(),
            micros(pace.interval).into(),
            micros(early + pace.patience).into(),
        ];
        let taken = self
            .writer
            .query_one_raw(statement(&self.writer, TAKE, values))
            .await
            .map_err(store_error)?;
        let moment = |turn: i64| {
            let at = DateTime::from_timestamp_micros(turn - micros(early));
            at.unwrap_or(now).max(now)
        };
        if let Some(row) = taken {
            let next: i64 = row.try_get_by_index(0).map_err(store_error)?;
            return Ok(Turn::At(moment(next - micros(pace.interval))));
        }
        let row = self
            .reader
            .query_one_raw(statement(&self.reader, NEXT, [server.into()]))
            .await
            .map_err(store_error)?;
        let next: i64 = row
            .map_or(Ok(0), |row| row.try_get_by_index(0))
            .map_err(store_error)?;
        Ok(Turn::NotBefore(moment(next - micros(pace.patience))))
    }

    async fn owner_of(&self, message: MessageId) -> Result<Option<OrganizationId>, StoreError> {
        let row = self
            .reader
            .query_one_raw(statement(&self.reader, OWNER, [message.0.into()]))
            .await
            .map_err(store_error)?;
        let Some(row) = row else {
            return Ok(None);
        };
        let id: uuid::Uuid = row.try_get_by_index(0).map_err(store_error)?;
        Ok(Some(id.into()))
    }

    async fn forget_bounces(&self, before: DateTime<Utc>, limit: u32) -> Result<u64, StoreError> {
        let values = [before.into(), i64::from(limit).into()];
        execute(&self.writer, FORGET_BOUNCES, values)
            .await
            .map_err(store_error)
    }

    async fn due_domains(
        &self,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<(OrganizationId, SendingDomainId)>, StoreError> {
        let due = Condition::any()
            .add(Column::CheckAt.is_null())
            .add(Column::CheckAt.lte(now));
        let ids: Vec<(uuid::Uuid, uuid::Uuid)> = Entity::find()
            .select_only()
            .columns([Column::OrganizationId, Column::Id])
            .filter(due)
            .order_by_asc(Column::CheckAt)
            .order_by_asc(Column::Id)
            .limit(u64::from(limit))
            .into_tuple()
            .all(&self.reader)
            .await
            .map_err(store_error)?;
        let ids = ids
            .into_iter()
            .map(|(organization, id)| (organization.into(), id.into()));
        Ok(ids.collect())
    }

    async fn with_domains(
        &self,
        after: Option<OrganizationId>,
        limit: u32,
    ) -> Result<Vec<OrganizationId>, StoreError> {
        let condition = Condition::all().add_option(after.map(|id| Column::OrganizationId.gt(id.0)));
        let ids: Vec<uuid::Uuid> = Entity::find()
            .select_only()
            .column(Column::OrganizationId)
            .distinct()
            .filter(condition)
            .order_by_asc(Column::OrganizationId)
            .limit(u64::from(limit))
            .into_tuple()
            .all(&self.reader)
            .await
            .map_err(store_error)?;
        Ok(ids.into_iter().map(Into::into).collect())
    }
}
