//! In which hours mails were opened or clicked.
//!
//! Grouped by the hour in UTC: which hour that was on somebody's clock depends on the day, and on rules that SQLite does not
//! know. Each mail counts once an hour, however often a mail program fetches its picture.

use crate::entity::{email_events, email_messages};
use crate::error::store_error;
use crate::keys::padded;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, QueryResult, Statement, Value};
use uuid::Uuid;

/// Of everybody's events the latest so many are looked at: a habit does not need more, and a page should not wait for it.
macro_rules! most {
    () => {
        "100000"
    };
}

macro_rules! of_lead {
    ($hour:literal) => {
        concat!(
            "SELECT ", $hour, " AS hour, COUNT(DISTINCT event.message_id) AS events FROM email_messages AS message \
             JOIN email_events AS event ON event.organization_id = message.organization_id \
             AND event.message_id = message.id WHERE message.organization_id = $1 AND message.lead_id = $2 \
             AND event.created_at >= $3 AND event.human AND event.kind IN ('open', 'click') GROUP BY 1 ORDER BY 1"
        )
    };
}

macro_rules! of_everybody {
    ($hour:literal) => {
        concat!(
            "SELECT ", $hour, " AS hour, COUNT(DISTINCT event.message_id) AS events FROM (SELECT created_at, message_id \
             FROM email_events WHERE organization_id = $1 AND created_at >= $2 AND human AND kind IN ('open', 'click') \
             ORDER BY created_at DESC LIMIT ", most!(), ") AS event GROUP BY 1 ORDER BY 1"
        )
    };
}

/// A text like `2026-11-21T19` (or with a space) and a number for each hour since then.
pub(crate) fn response_hours(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    lead: Option<Uuid>,
    since: DateTime<Utc>,
) -> Statement {
    let backend = conn.get_database_backend();
    let on_postgres = backend == DbBackend::Postgres;
    if let Some(lead) = lead {
        let sql = if on_postgres {
            of_lead!("to_char(event.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')")
        } else {
            of_lead!("substr(event.created_at, 1, 13)")
        };
        let values: [Value; 3] = [organization.into(), lead.into(), since.into()];
        return Statement::from_sql_and_values(backend, sql, values);
    }
    let sql = if on_postgres {
        of_everybody!("to_char(event.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')")
    } else {
        of_everybody!("substr(event.created_at, 1, 13)")
    };
    let values: [Value; 2] = [organization.into(), since.into()];
    Statement::from_sql_and_values(backend, sql, values)
}

/// The same for many leads: the lead, the text and the number.
pub(crate) async fn response_hours_of(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    leads: &[Uuid],
    since: DateTime<Utc>,
) -> Result<Vec<QueryResult>, StoreError> {
    use email_events::Column as Event;
    use email_messages::Column as Message;
    let hour = if conn.get_database_backend() == DbBackend::Postgres {
        "to_char(email_events.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')"
    } else {
        "substr(email_events.created_at, 1, 13)"
    };
    let message = |column| Expr::col((email_messages::Entity, column));
    let event = |column| Expr::col((email_events::Entity, column));
    let query = Query::select()
        .expr(message(Message::LeadId))
        .expr(Expr::cust(hour))
        .expr(event(Event::MessageId).count_distinct())
        .from(email_messages::Entity)
        .inner_join(
            email_events::Entity,
            event(Event::OrganizationId)
                .equals((email_messages::Entity, Message::OrganizationId))
                .and(event(Event::MessageId).equals((email_messages::Entity, Message::Id))),
        )
        .and_where(Message::OrganizationId.eq(organization))
        .and_where(Message::LeadId.is_in(padded(leads.iter().copied())))
        .and_where(Event::CreatedAt.gte(since))
        .and_where(Event::Human.eq(true))
        .and_where(Event::Kind.is_in(["open", "click"]))
        .add_group_by([message(Message::LeadId), Expr::cust(hour)])
        .take();
    conn.query_all(&query).await.map_err(store_error)
}
