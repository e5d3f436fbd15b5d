//! In which hours mails were opened or clicked.
//!
//! Grouped by the hour in UTC: which hour that was on somebody's clock depends on the day, and on rules that SQLite does not
//! know. Each mail counts once an hour, however often a mail program fetches its picture.

use super::columns::ArrayText;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
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

macro_rules! of_leads {
    ($hour:literal, $leads:literal) => {
        concat!(
            "SELECT message.lead_id AS lead_id, ", $hour, " AS hour, COUNT(DISTINCT event.message_id) AS events \
             FROM email_messages AS message JOIN email_events AS event ON event.organization_id = message.organization_id \
             AND event.message_id = message.id WHERE message.organization_id = $1 AND message.lead_id IN (", $leads, ") \
             AND event.created_at >= $3 AND event.human AND event.kind IN ('open', 'click') \
             GROUP BY 1, 2 ORDER BY 1, 2"
        )
    };
}

/// A lead, a text like `2026-11-21T19` (or with a space) and a number for each hour since then.
pub(crate) fn response_hours_of(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    leads: &[Uuid],
    since: DateTime<Utc>,
) -> Statement {
    let backend = conn.get_database_backend();
    let mut wanted = ArrayText::default();
    if backend == DbBackend::Postgres {
        for lead in leads {
            wanted.plain(lead.as_hyphenated());
        }
        let sql = of_leads!(
            "to_char(event.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')",
            "SELECT id FROM unnest($2::text::uuid[]) AS wanted(id)"
        );
        let values: [Value; 3] = [organization.into(), wanted.finish(), since.into()];
        return Statement::from_sql_and_values(backend, sql, values);
    }
    // Ids are blobs here, and JSON has none.
    let hex: Vec<String> = leads.iter().map(|lead| lead.simple().to_string()).collect();
    let sql = of_leads!(
        "substr(event.created_at, 1, 13)",
        "SELECT unhex(value) FROM json_each($2)"
    );
    let values: [Value; 3] = [
        organization.into(),
        serde_json::json!(hex).to_string().into(),
        since.into(),
    ];
    Statement::from_sql_and_values(backend, sql, values)
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
