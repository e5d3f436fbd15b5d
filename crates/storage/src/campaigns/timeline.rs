//! A campaign hour by hour.

use crate::codec::parse;
use crate::dialect;
use crate::error::store_error;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::campaigns::TimelineHour;
use sea_orm::ConnectionTrait;
use std::collections::BTreeMap;
use uuid::Uuid;

pub(super) async fn hours(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    campaign: Uuid,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<TimelineHour>, StoreError> {
    let statement = dialect::campaign_timeline(conn, organization, campaign, from, until);
    let mut hours = BTreeMap::<DateTime<Utc>, TimelineHour>::new();
    for row in conn.query_all_raw(statement).await.map_err(store_error)? {
        let (hour, what, mails): (String, String, i64) = row.try_get_many_by_index().map_err(store_error)?;
        let text = format!("{}:00:00Z", hour.replace(' ', "T"));
        let at = parse("email_messages.sent_at", &text)?;
        let hour = hours.entry(at).or_insert(TimelineHour {
            at,
            sent: 0,
            opens: 0,
            clicks: 0,
            unsubscribes: 0,
        });
        match what.as_str() {
            "sent" => hour.sent = mails,
            "opens" => hour.opens = mails,
            "clicks" => hour.clicks = mails,
            _ => hour.unsubscribes = mails,
        }
    }
    Ok(hours.into_values().collect())
}
