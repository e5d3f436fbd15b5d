//! What happened to the mails of a campaign, hour by hour in UTC.
//!
//! PostgreSQL unfolds the four times of each mail while it reads it once. SQLite can't, and goes through the campaign's mails for
//! each of them.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use uuid::Uuid;

const ON_POSTGRES: &str = "SELECT to_char(times.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24') AS hour, times.what AS what, \
    COUNT(*) AS mails FROM email_messages AS message CROSS JOIN LATERAL (VALUES ('sent', message.sent_at), \
    ('opens', message.opened_at), ('clicks', message.clicked_at), ('unsubscribes', message.unsubscribed_at)) AS times(what, at) \
    WHERE message.organization_id = $1 AND message.campaign_id = $2 AND times.at >= $3 AND times.at < $4 \
    GROUP BY 1, 2 ORDER BY 1, 2";

macro_rules! times {
    ($what:literal, $column:literal) => {
        concat!(
            "SELECT '",
            $what,
            "' AS what, ",
            $column,
            " AS at FROM email_messages WHERE organization_id = $1 AND campaign_id = $2 AND ",
            $column,
            " >= $3 AND ",
            $column,
            " < $4"
        )
    };
}

const ON_SQLITE: &str = concat!(
    "SELECT substr(at, 1, 13) AS hour, what, COUNT(*) AS mails FROM (",
    times!("sent", "sent_at"),
    " UNION ALL ",
    times!("opens", "opened_at"),
    " UNION ALL ",
    times!("clicks", "clicked_at"),
    " UNION ALL ",
    times!("unsubscribes", "unsubscribed_at"),
    ") GROUP BY 1, 2 ORDER BY 1, 2"
);

/// A text like `2026-11-21T19` (or with a space), which of its times it is, and how many mails have it in that hour.
pub(crate) fn campaign_timeline(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    campaign: Uuid,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Statement {
    let backend = conn.get_database_backend();
    let sql = if backend == DbBackend::Postgres {
        ON_POSTGRES
    } else {
        ON_SQLITE
    };
    let values: [Value; 4] = [organization.into(), campaign.into(), from.into(), until.into()];
    Statement::from_sql_and_values(backend, sql, values)
}
