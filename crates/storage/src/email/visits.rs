//! Opens and clicks that wait to be judged.

use crate::codec::parse;
use crate::dialect::{self, Transaction};
use crate::entity::{email_visits, organizations};
use crate::error::store_error;
use crate::organizations_with::organizations_with;
use crate::session::Session;
use crate::store::SeaStore;
use crate::together::Shared;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::email::{EmailEvent, EventTrace, NewVisit, VisitInbox};
use groundswell_domain::jobs::JobRepo;
use groundswell_domain::{EmailEventId, MessageId, OrganizationId, StoreError};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter};
use uuid::Uuid;

#[async_trait]
impl Shared for NewVisit {
    type Answer = ();

    fn key(&self) -> Option<String> {
        None
    }

    async fn write(session: &Session<Transaction>, visits: &[Self]) -> Result<Vec<()>, StoreError> {
        use email_visits::Column;
        let rows = visits
            .iter()
            .map(|visit| row_of(session.organization, &visit.event));
        let unique = [Column::OrganizationId, Column::Id];
        let rows = rows.collect();
        dialect::insert_new::<email_visits::Entity>(&session.conn, rows, &unique, &[Column::Id]).await?;
        if let Some(first) = visits.first() {
            session.enqueue(&first.job, first.event.created_at).await?;
        }
        Ok(vec![(); visits.len()])
    }
}

#[async_trait]
impl VisitInbox for SeaStore {
    async fn keep(&self, organization: OrganizationId, visit: NewVisit) -> Result<(), StoreError> {
        self.visits.write(organization, visit).await
    }

    async fn organizations_with_visits(
        &self,
        before: DateTime<Utc>,
        after: Option<OrganizationId>,
        limit: u32,
    ) -> Result<Vec<OrganizationId>, StoreError> {
        use organizations::Column as Organization;
        let waiting = Query::select()
            .expr(Expr::val(1))
            .from(email_visits::Entity)
            .and_where(
                Expr::col((email_visits::Entity, email_visits::Column::OrganizationId))
                    .equals((organizations::Entity, Organization::Id)),
            )
            .and_where(Expr::col((email_visits::Entity, email_visits::Column::CreatedAt)).lt(before))
            .take();
        organizations_with(&self.reader, waiting, after, limit).await
    }
}

pub(super) async fn take(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    limit: u32,
) -> Result<Vec<EmailEvent>, StoreError> {
    let statement = dialect::take_visits(conn, organization, limit);
    let rows = conn.query_all_raw(statement).await.map_err(store_error)?;
    let read = |row| email_visits::Model::from_query_result(row, "").map_err(store_error);
    let mut rows: Vec<email_visits::Model> = rows.iter().map(read).collect::<Result<_, _>>()?;
    rows.sort_unstable_by_key(|row| (row.created_at, row.id));
    rows.into_iter().map(event_of).collect()
}

/// Takes away what can name a person; that there was an open or a click stays.
pub(crate) async fn anonymize(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    messages: &[Uuid],
) -> Result<u64, StoreError> {
    use email_visits::Column;
    let done = email_visits::Entity::update_many()
        .col_expr(Column::Url, Expr::val(None::<String>))
        .col_expr(Column::UserAgent, Expr::val(None::<String>))
        .col_expr(Column::Network, Expr::val(None::<String>))
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::MessageId.is_in(messages.iter().copied()))
        .exec(conn)
        .await
        .map_err(store_error)?;
    Ok(done.rows_affected)
}

fn row_of(organization: Uuid, event: &EmailEvent) -> email_visits::Model {
    email_visits::Model {
        organization_id: organization,
        id: event.id.0,
        message_id: event.message_id.0,
        kind: event.kind.as_str().to_owned(),
        url: event.url.clone(),
        user_agent: event.user_agent.clone(),
        method: event.trace.method.map(|method| method.as_str().to_owned()),
        network: event.trace.network.map(|network| network.to_string()),
        language: event.trace.language,
        created_at: event.created_at,
    }
}

fn event_of(row: email_visits::Model) -> Result<EmailEvent, StoreError> {
    Ok(EmailEvent {
        id: EmailEventId(row.id),
        message_id: MessageId(row.message_id),
        kind: parse("email_visits.kind", &row.kind)?,
        url: row.url,
        user_agent: row.user_agent,
        human: true,
        trace: EventTrace {
            method: row
                .method
                .map(|word| parse("email_visits.method", &word))
                .transpose()?,
            network: row
                .network
                .map(|text| parse("email_visits.network", &text))
                .transpose()?,
            language: row.language,
            ..EventTrace::default()
        },
        created_at: row.created_at,
    })
}
