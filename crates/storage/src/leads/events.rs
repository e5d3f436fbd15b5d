//! What happened to leads: events of their own, and what other ledgers keep, as one list.
//!
//! A page of the list takes at most a page of each ledger, by an index each, so that its cost does not depend on how long a
//! history is.

use crate::codec::{from_json, parse, to_json};
use crate::dialect;
use crate::entity::lead_events::{self, Column};
use crate::entity::{leads, score_entries};
use crate::error::store_error;
use crate::keys::padded;
use crate::keyset;
use crate::session::Session;
use async_trait::async_trait;
use groundswell_domain::leads::{Lead, LeadEvent, LeadEventKind, LeadEventRepo, ScoreEntry, TimelineSort};
use groundswell_domain::paging::CursorValue;
use groundswell_domain::{Cursor, Direction, LeadEventId, LeadId, Page, PageRequest, StoreError};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

const SENT: &str = "SELECT id, sent_at, campaign_id FROM email_messages \
    WHERE organization_id = $1 AND lead_id = $2 AND sent_at IS NOT NULL";

#[async_trait]
impl<C: ConnectionTrait + Send> LeadEventRepo for Session<C> {
    async fn add(&self, events: &[LeadEvent]) -> Result<(), StoreError> {
        let ids: BTreeSet<Uuid> = events.iter().map(|event| event.lead_id.0).collect();
        let mut query = leads::Entity::find()
            .select_only()
            .column(leads::Column::Id)
            .filter(leads::Column::OrganizationId.eq(self.organization))
            .filter(leads::Column::Id.is_in(padded(ids)))
            .order_by_asc(leads::Column::Id)
            .into_query();
        // So that none of them goes away before its events are written.
        dialect::lock_for_update(&self.conn, &mut query);
        let rows = self.conn.query_all(&query).await.map_err(store_error)?;
        let there: BTreeSet<Uuid> = rows
            .iter()
            .map(|row| row.try_get_by_index(0).map_err(store_error))
            .collect::<Result<_, _>>()?;
        let known: Vec<_> = events
            .iter()
            .filter(|event| there.contains(&event.lead_id.0))
            .cloned()
            .collect();
        insert_new(&self.conn, self.organization, &known).await
    }

    async fn retract(&self, lead: LeadId, ids: &[LeadEventId]) -> Result<(), StoreError> {
        lead_events::Entity::delete_many()
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::LeadId.eq(lead.0))
            .filter(Column::Id.is_in(padded(ids.iter().map(|id| id.0))))
            .exec(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn timeline(
        &self,
        lead: &Lead,
        page: &PageRequest<TimelineSort>,
    ) -> Result<Page<LeadEvent>, StoreError> {
        let (mut items, mut total) = (vec![created(lead)], 1);
        let own = self.own(lead, page).await?;
        let points = self.points(lead, page).await?;
        let mails = self.mails(lead).await?;
        total += own.total.unwrap_or(0) + points.total.unwrap_or(0) + mails.len() as u64;
        items.extend(own.items);
        items.extend(points.items);
        items.extend(mails);
        if let Some(cursor) = &page.cursor
            && let CursorValue::Time(time) = cursor.value
        {
            let from = (time, cursor.id);
            items.retain(|event| match page.sort.direction {
                Direction::Ascending => place(event) > from,
                Direction::Descending => place(event) < from,
            });
        }
        items.sort_by_key(place);
        if page.sort.direction == Direction::Descending {
            items.reverse();
        }
        let more = items.len() > page.limit as usize;
        items.truncate(page.limit as usize);
        let next = items.last().filter(|_| more).map(|last| Cursor {
            sort: page.sort.name(),
            value: CursorValue::Time(last.occurred_at),
            id: last.id.0,
        });
        Ok(Page {
            items,
            next,
            total: page.with_total.then_some(total),
        })
    }
}

impl<C: ConnectionTrait + Send> Session<C> {
    async fn own(
        &self,
        lead: &Lead,
        page: &PageRequest<TimelineSort>,
    ) -> Result<Page<LeadEvent>, StoreError> {
        let select = lead_events::Entity::find()
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::LeadId.eq(lead.id.0));
        let place = |row: &lead_events::Model| (CursorValue::Time(row.occurred_at), row.id);
        let request = one_more(page);
        let columns = (Column::OccurredAt, Column::Id);
        keyset::page(&self.conn, select, columns, &request, place, TryInto::try_into).await
    }

    async fn points(
        &self,
        lead: &Lead,
        page: &PageRequest<TimelineSort>,
    ) -> Result<Page<LeadEvent>, StoreError> {
        use score_entries::Column;
        let select = score_entries::Entity::find()
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::LeadId.eq(lead.id.0));
        let place = |row: &score_entries::Model| (CursorValue::Time(row.created_at), row.id);
        let convert = |row: score_entries::Model| ScoreEntry::try_from(row).map(|entry| scored(&entry));
        let request = one_more(page);
        let columns = (Column::CreatedAt, Column::Id);
        keyset::page(&self.conn, select, columns, &request, place, convert).await
    }

    /// All of them: mails to one lead are few, and no index has them by the time they were sent.
    async fn mails(&self, lead: &Lead) -> Result<Vec<LeadEvent>, StoreError> {
        let values = [self.organization.into(), lead.id.0.into()];
        let rows = self
            .conn
            .query_all_raw(dialect::statement(&self.conn, SENT, values))
            .await
            .map_err(store_error)?;
        let sent = |row: &sea_orm::QueryResult| {
            let (id, occurred_at, campaign): (Uuid, _, Option<Uuid>) =
                row.try_get_many_by_index().map_err(store_error)?;
            Ok(LeadEvent {
                id: id.into(),
                lead_id: lead.id,
                kind: LeadEventKind::EmailSent,
                subject: Some(id),
                occurred_at,
                data: data([("campaign_id", json!(campaign))]),
            })
        };
        rows.iter().map(sent).collect()
    }
}

/// The same page without the limit of the largest one: whether there is more is found out after the lists are merged.
fn one_more(page: &PageRequest<TimelineSort>) -> PageRequest<TimelineSort> {
    PageRequest {
        limit: page.limit + 1,
        ..page.clone()
    }
}

fn place(event: &LeadEvent) -> (chrono::DateTime<chrono::Utc>, Uuid) {
    (event.occurred_at, event.id.0)
}

fn created(lead: &Lead) -> LeadEvent {
    LeadEvent {
        id: lead.id.0.into(),
        lead_id: lead.id,
        kind: LeadEventKind::Created,
        subject: None,
        occurred_at: lead.created_at,
        data: data([("source", json!(lead.source))]),
    }
}

fn scored(entry: &ScoreEntry) -> LeadEvent {
    LeadEvent {
        id: entry.id.0.into(),
        lead_id: entry.lead_id,
        kind: LeadEventKind::ScoreChanged,
        subject: None,
        occurred_at: entry.created_at,
        data: data([
            ("rule", json!(entry.rule)),
            ("axis", json!(entry.axis)),
            ("points", json!(entry.points)),
            ("event", json!(entry.event)),
        ]),
    }
}

fn data<const N: usize>(entries: [(&str, Value); N]) -> Map<String, Value> {
    entries
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

/// Adds events of leads that are there; one whose id is there already is left out.
pub(crate) async fn insert_new(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    events: &[LeadEvent],
) -> Result<(), StoreError> {
    let rows = events
        .iter()
        .filter(|event| !event.kind.is_derived())
        .map(|event| {
            Ok(lead_events::Model {
                organization_id: organization,
                lead_id: event.lead_id.0,
                occurred_at: event.occurred_at,
                id: event.id.0,
                kind: event.kind.as_str().to_owned(),
                subject: event.subject,
                data: to_json(&event.data)?,
            })
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    let unique = [
        Column::OrganizationId,
        Column::LeadId,
        Column::OccurredAt,
        Column::Id,
    ];
    dialect::insert_new::<lead_events::Entity>(conn, rows, &unique, &[Column::Id]).await?;
    Ok(())
}

impl TryFrom<lead_events::Model> for LeadEvent {
    type Error = StoreError;

    fn try_from(row: lead_events::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            lead_id: row.lead_id.into(),
            kind: parse("lead_events.kind", &row.kind)?,
            subject: row.subject,
            occurred_at: row.occurred_at,
            data: from_json("lead_events.data", row.data)?,
        })
    }
}
