//! The port of the ledger. Every change of state names the state it starts from, so that no order of events, no slow
//! worker and no second click can move a row back.

use super::insert::Entry;
use super::rows::ClaimedRow;
use super::{events, held, insert, metrics, postpone, resolve, settle, touches, visits};
use crate::codec::parse;
use crate::dialect::{self, execute};
use crate::entity::email_messages::{self, Column};
use crate::entity::{email_contents, leads};
use crate::error::store_error;
use crate::keys::padded;
use crate::keyset;
use crate::one::one;
use crate::session::Session;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::email::metrics::{CountedMails, MetricsFilter};
use groundswell_domain::email::{
    ClaimedMessage, EmailAddress, EmailEvent, EventContext, EventEffect, Fate, Message, MessageContent,
    MessageFilter, MessageKind, MessageRepo, MessageSort, MessageStatus, NewMessage, PlannedMessage,
    Released, SettledRow, Settlement, Swept, Touch,
};
use groundswell_domain::ids::{CampaignId, LeadId, LeaseToken, MessageId};
use groundswell_domain::paging::CursorValue;
use groundswell_domain::timing::HourCount;
use groundswell_domain::{Page, PageRequest, StoreError};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

const CLAIM_ONE: &str = "UPDATE email_messages SET status = 'claimed', lease_token = $3, lease_until = $5, \
    updated_at = $4 WHERE organization_id = $1 AND id = $2 AND status = 'queued' AND next_attempt_at <= $4 \
    RETURNING id, kind, campaign_id, lead_id, to_email, attempts, variant, topic_id";

const RELEASE: &str = "UPDATE email_messages SET status = 'queued', lease_token = NULL, lease_until = NULL, \
    updated_at = $3 WHERE organization_id = $1 AND lease_token = $2 AND status = 'claimed'";

const NEXT_DUE: &str = "SELECT (SELECT MIN(next_attempt_at) FROM email_messages WHERE organization_id = $1 \
    AND campaign_id = $2 AND status = 'queued') AS next_try, (SELECT MIN(lease_until) FROM email_messages \
    WHERE organization_id = $1 AND campaign_id = $2 AND status IN ('claimed', 'sending')) AS lease_end";

/// Rows that one statement cancels: a million at once would take longer than a statement may.
const CANCELLED_AT_ONCE: i64 = 50_000;

const CANCEL: &str = "UPDATE email_messages SET status = 'cancelled', updated_at = $3 \
    WHERE organization_id = $1 AND campaign_id = $2 AND status = 'queued' AND id IN (SELECT id FROM email_messages \
    WHERE organization_id = $1 AND campaign_id = $2 AND status = 'queued' ORDER BY next_attempt_at, id LIMIT $4)";

/// As addresses are compared, if it is one.
fn searched_key(to: &str) -> String {
    let key = |address: EmailAddress| address.key();
    to.parse().map_or_else(|_| to.trim().to_lowercase(), key)
}

#[async_trait]
impl<C: ConnectionTrait + Send> MessageRepo for Session<C> {
    async fn insert_many(
        &self,
        messages: &[NewMessage],
        now: DateTime<Utc>,
    ) -> Result<Vec<MessageId>, StoreError> {
        let entries: Vec<_> = messages.iter().map(|message| Entry::due(message, now)).collect();
        insert::insert(&self.conn, self.organization, &entries, now).await
    }

    async fn plan(
        &self,
        messages: &[PlannedMessage],
        now: DateTime<Utc>,
    ) -> Result<Vec<MessageId>, StoreError> {
        let entries: Vec<_> = messages.iter().map(Entry::planned).collect();
        insert::insert(&self.conn, self.organization, &entries, now).await
    }

    async fn get(&self, id: MessageId) -> Result<Option<Message>, StoreError> {
        let row = one(
            &self.conn,
            email_messages::Entity::find_by_id((self.organization, id.0)),
        )
        .await?;
        row.map(TryInto::try_into).transpose()
    }

    async fn content(&self, id: MessageId) -> Result<Option<MessageContent>, StoreError> {
        let row = one(
            &self.conn,
            email_contents::Entity::find_by_id((self.organization, id.0)),
        )
        .await?;
        Ok(row.map(|row| MessageContent {
            subject: row.subject,
            html: row.html,
            text: row.text,
        }))
    }

    async fn list(
        &self,
        filter: &MessageFilter,
        page: &PageRequest<MessageSort>,
    ) -> Result<Page<Message>, StoreError> {
        // All fields are named, so that a new one can't be forgotten.
        let MessageFilter {
            campaign_id,
            lead_id,
            status,
            kind,
            to,
        } = filter;
        let select = email_messages::Entity::find()
            .filter(Column::OrganizationId.eq(self.organization))
            // A campaign of a client may go to everybody; its client sees those who are its own.
            .apply_if(self.client, |select, client| {
                let theirs = Query::select()
                    .column(leads::Column::Id)
                    .from(leads::Entity)
                    .and_where(leads::Column::OrganizationId.eq(self.organization))
                    .and_where(leads::Column::ClientId.eq(client))
                    .take();
                select.filter(Column::LeadId.in_subquery(theirs))
            })
            .apply_if(*campaign_id, |select, id| {
                select.filter(Column::CampaignId.eq(id.0))
            })
            .apply_if(*lead_id, |select, id| select.filter(Column::LeadId.eq(id.0)))
            .apply_if(*status, |select, status| {
                select.filter(Column::Status.eq(status.as_str()))
            })
            .apply_if(*kind, |select, kind| {
                select.filter(Column::Kind.eq(kind.as_str()))
            })
            .apply_if(to.as_deref(), |select, to| {
                select.filter(Column::ToKey.eq(searched_key(to)))
            });
        let column = match page.sort.field {
            MessageSort::CreatedAt => Column::CreatedAt,
        };
        let place = |row: &email_messages::Model| (CursorValue::Time(row.created_at), row.id);
        keyset::page(
            &self.conn,
            select,
            (column, Column::Id),
            page,
            place,
            TryInto::try_into,
        )
        .await
    }

    async fn queued_since(
        &self,
        kind: MessageKind,
        email_key: &str,
        since: DateTime<Utc>,
    ) -> Result<Vec<(MessageId, DateTime<Utc>)>, StoreError> {
        let rows: Vec<(Uuid, DateTime<Utc>)> = email_messages::Entity::find()
            .select_only()
            .columns([Column::Id, Column::CreatedAt])
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::ToKey.eq(email_key))
            .filter(Column::Kind.eq(kind.as_str()))
            .filter(Column::Status.ne(MessageStatus::Suppressed.as_str()))
            .filter(Column::CreatedAt.gt(since))
            .order_by_desc(Column::CreatedAt)
            .limit(100)
            .into_tuple()
            .all(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|(id, at)| (id.into(), at)).collect())
    }

    async fn claim_campaign(
        &self,
        campaign: CampaignId,
        limit: u32,
        lease: LeaseToken,
        now: DateTime<Utc>,
        lease_until: DateTime<Utc>,
    ) -> Result<Vec<ClaimedMessage>, StoreError> {
        let statement = dialect::claim_messages(
            &self.conn,
            self.organization,
            campaign.0,
            limit,
            lease.0,
            now,
            lease_until,
        );
        let rows = self.conn.query_all_raw(statement).await.map_err(store_error)?;
        let mut claimed = Vec::with_capacity(rows.len());
        for row in rows {
            claimed.push(ClaimedMessage::try_from(
                ClaimedRow::from_query_result(&row, "").map_err(store_error)?,
            )?);
        }
        // RETURNING has no order.
        claimed.sort_unstable_by_key(|message| message.id);
        Ok(claimed)
    }

    async fn claim_one(
        &self,
        id: MessageId,
        lease: LeaseToken,
        now: DateTime<Utc>,
        lease_until: DateTime<Utc>,
    ) -> Result<Option<ClaimedMessage>, StoreError> {
        let values = [
            self.organization.into(),
            id.0.into(),
            lease.0.into(),
            now.into(),
            lease_until.into(),
        ];
        let statement = dialect::statement(&self.conn, CLAIM_ONE, values);
        let Some(row) = self.conn.query_one_raw(statement).await.map_err(store_error)? else {
            return Ok(None);
        };
        ClaimedRow::from_query_result(&row, "")
            .map_err(store_error)?
            .try_into()
            .map(Some)
    }

    async fn begin_sending(
        &self,
        ids: &[MessageId],
        lease: LeaseToken,
        now: DateTime<Utc>,
        lease_until: DateTime<Utc>,
    ) -> Result<Vec<MessageId>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut query = email_messages::Entity::update_many()
            .col_expr(Column::Status, Expr::val(MessageStatus::Sending.as_str()))
            .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
            .col_expr(Column::LeaseUntil, Expr::val(lease_until))
            .col_expr(Column::UpdatedAt, Expr::val(now))
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::Id.is_in(padded(ids.iter().map(|id| id.0))))
            .filter(Column::LeaseToken.eq(lease.0))
            .filter(Column::Status.eq(MessageStatus::Claimed.as_str()))
            .into_query();
        query.returning(Query::returning().column(Column::Id));
        let rows = self.conn.query_all(&query).await.map_err(store_error)?;
        let mut held = Vec::with_capacity(rows.len());
        for row in rows {
            held.push(MessageId(row.try_get_by_index(0).map_err(store_error)?));
        }
        held.sort_unstable();
        Ok(held)
    }

    async fn settle(&self, ends: &[Settlement], now: DateTime<Utc>) -> Result<Vec<SettledRow>, StoreError> {
        settle::settle(&self.conn, self.organization, ends, now).await
    }

    async fn release(&self, lease: LeaseToken, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let values = [self.organization.into(), lease.0.into(), now.into()];
        let done = self
            .conn
            .execute_raw(dialect::statement(&self.conn, RELEASE, values))
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected())
    }

    async fn postpone(
        &self,
        rows: &[(MessageId, DateTime<Utc>)],
        lease: LeaseToken,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        postpone::postpone(&self.conn, self.organization, rows, lease.0, now).await
    }

    async fn held(
        &self,
        campaign: CampaignId,
        limit: u32,
    ) -> Result<Vec<(MessageId, Option<LeadId>)>, StoreError> {
        held::some(&self.conn, self.organization, campaign.0, limit).await
    }

    async fn release_held(&self, rows: &[Released], now: DateTime<Utc>) -> Result<u64, StoreError> {
        held::release(&self.conn, self.organization, rows, now).await
    }

    async fn touches(
        &self,
        leads: &[LeadId],
        since: DateTime<Utc>,
        except: LeaseToken,
    ) -> Result<Vec<Touch>, StoreError> {
        touches::touches(&self.conn, self.organization, leads, since, except.0).await
    }

    async fn sweep(&self, campaign: Option<CampaignId>, now: DateTime<Utc>) -> Result<Swept, StoreError> {
        let statement = dialect::sweep_messages(&self.conn, self.organization, campaign.map(|id| id.0), now);
        let mut swept = Swept::default();
        for row in self.conn.query_all_raw(statement).await.map_err(store_error)? {
            let status: String = row.try_get_by_index(0).map_err(store_error)?;
            match parse("email_messages.status", &status)? {
                MessageStatus::Unknown => swept.unknown += 1,
                _ => swept.requeued += 1,
            }
        }
        Ok(swept)
    }

    async fn next_due(&self, campaign: CampaignId) -> Result<Option<DateTime<Utc>>, StoreError> {
        let values = [self.organization.into(), campaign.0.into()];
        let row = self
            .conn
            .query_one_raw(dialect::statement(&self.conn, NEXT_DUE, values))
            .await
            .map_err(store_error)?;
        let Some(row) = row else {
            return Ok(None);
        };
        let times: (Option<DateTime<Utc>>, Option<DateTime<Utc>>) =
            row.try_get_many_by_index().map_err(store_error)?;
        Ok([times.0, times.1].into_iter().flatten().min())
    }

    async fn cancel_queued(&self, campaign: CampaignId, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut cancelled = 0;
        loop {
            let values = [
                self.organization.into(),
                campaign.0.into(),
                now.into(),
                CANCELLED_AT_ONCE.into(),
            ];
            match execute(&self.conn, CANCEL, values).await.map_err(store_error)? {
                0 => return Ok(cancelled),
                rows => cancelled += rows,
            }
        }
    }

    async fn doubt(
        &self,
        reason: &str,
        limit: u32,
        now: DateTime<Utc>,
    ) -> Result<BTreeMap<Option<CampaignId>, u64>, StoreError> {
        let mut doubted = BTreeMap::new();
        for statement in dialect::doubt_messages(&self.conn, self.organization, reason, limit, now) {
            for row in self.conn.query_all_raw(statement).await.map_err(store_error)? {
                let campaign: Option<Uuid> = row.try_get_by_index(0).map_err(store_error)?;
                *doubted.entry(campaign.map(Into::into)).or_default() += 1;
            }
        }
        Ok(doubted)
    }

    async fn doubted(
        &self,
        since: DateTime<Utc>,
        after: Option<MessageId>,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        resolve::doubted(&self.conn, self.organization, since, after, limit).await
    }

    async fn resolve(
        &self,
        id: MessageId,
        fate: Fate,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<SettledRow>, StoreError> {
        resolve::resolve(&self.conn, self.organization, id, fate, reason, now).await
    }

    async fn take_visits(&self, limit: u32) -> Result<Vec<EmailEvent>, StoreError> {
        visits::take(&self.conn, self.organization, limit).await
    }

    async fn record_events(&self, events: &[EmailEvent]) -> Result<Vec<Option<EventEffect>>, StoreError> {
        events::record(&self.conn, self.organization, events).await
    }

    async fn lock_for_events(
        &self,
        ids: &[MessageId],
    ) -> Result<HashMap<MessageId, EventContext>, StoreError> {
        events::lock(&self.conn, self.organization, ids).await
    }

    async fn events_of(&self, ids: &[MessageId]) -> Result<HashMap<MessageId, Vec<EmailEvent>>, StoreError> {
        events::of_messages(&self.conn, self.organization, ids).await
    }

    async fn rejudge(&self, id: MessageId, events: &[&EmailEvent]) -> Result<(), StoreError> {
        events::rejudge(&self.conn, self.organization, id, events).await
    }

    async fn with_events(&self, after: Option<MessageId>, limit: u32) -> Result<Vec<MessageId>, StoreError> {
        events::with_events(&self.conn, self.organization, after, limit).await
    }

    async fn metrics(&self, filter: &MetricsFilter) -> Result<CountedMails, StoreError> {
        metrics::counted(&self.conn, self.organization, filter).await
    }

    async fn response_hours_of(
        &self,
        leads: &[LeadId],
        since: DateTime<Utc>,
    ) -> Result<HashMap<LeadId, Vec<HourCount>>, StoreError> {
        events::response_hours_of(&self.conn, self.organization, leads, since).await
    }

    async fn response_hours(
        &self,
        lead: Option<LeadId>,
        since: DateTime<Utc>,
    ) -> Result<Vec<HourCount>, StoreError> {
        events::response_hours(&self.conn, self.organization, lead, since).await
    }
}
