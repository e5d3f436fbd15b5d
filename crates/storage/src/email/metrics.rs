//! What came of mails.

use crate::codec::parse;
use crate::dialect;
use crate::error::store_error;
use groundswell_domain::StoreError;
use groundswell_domain::email::metrics::{
    AgentCount, CountedMails, DayHourCount, DomainCount, LinkCount, MailTotals, MetricsFilter, VerdictCount,
};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use std::fmt::Write;
use uuid::Uuid;

const TOTALS: &str = "COUNT(*), COUNT(mail.opened_at), COUNT(mail.clicked_at), COUNT(mail.unsubscribed_at), \
    COUNT(*) FILTER (WHERE mail.opened_at IS NULL AND EXISTS (SELECT 1 FROM email_events AS fetched \
    WHERE fetched.organization_id = mail.organization_id AND fetched.message_id = mail.id AND fetched.kind = 'open' \
    AND fetched.verdict = 'prefetch'))";

const WITH_EVENTS: &str = "JOIN email_events AS event ON event.organization_id = mail.organization_id \
    AND event.message_id = mail.id";

const OPENS_AND_CLICKS: &str =
    "COUNT(*) FILTER (WHERE event.kind = 'open'), COUNT(*) FILTER (WHERE event.kind = 'click')";

pub(super) async fn counted(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    filter: &MetricsFilter,
) -> Result<CountedMails, StoreError> {
    let asked = Asked::new(conn, organization, filter);
    let mut counted = CountedMails::default();
    for row in asked.rows(TOTALS, "", "", "").await? {
        let (sent, opened, clicked, unsubscribed, prefetched_only) =
            row.try_get_many_by_index().map_err(store_error)?;
        counted.totals = MailTotals {
            sent,
            opened,
            clicked,
            unsubscribed,
            prefetched_only,
        };
    }
    let verdicts = "event.kind, event.verdict, COUNT(*), COUNT(DISTINCT event.message_id)";
    let kinds = "AND event.kind IN ('open', 'click')";
    for row in asked
        .rows(verdicts, WITH_EVENTS, kinds, "GROUP BY 1, 2 ORDER BY 1, 2")
        .await?
    {
        let (kind, verdict, events, mails): (String, String, i64, i64) =
            row.try_get_many_by_index().map_err(store_error)?;
        counted.verdicts.push(VerdictCount {
            kind: parse("email_events.kind", &kind)?,
            verdict: parse("email_events.verdict", &verdict)?,
            events,
            mails,
        });
    }
    let links = "event.url, COUNT(*), COUNT(*) FILTER (WHERE event.human), \
        COUNT(DISTINCT CASE WHEN event.human THEN event.message_id END)";
    let clicks = "AND event.kind = 'click' AND event.url IS NOT NULL";
    for row in asked
        .rows(
            links,
            WITH_EVENTS,
            clicks,
            "GROUP BY 1 ORDER BY 4 DESC, 1 LIMIT 100",
        )
        .await?
    {
        let (url, raw, human, mails) = row.try_get_many_by_index().map_err(store_error)?;
        counted.links.push(LinkCount {
            url,
            human,
            raw,
            mails,
        });
    }
    let domains = format!(
        "{}, COUNT(*), COUNT(mail.opened_at), COUNT(mail.clicked_at)",
        dialect::domain_of(conn, "mail.to_key")
    );
    for row in asked
        .rows(&domains, "", "", "GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 50")
        .await?
    {
        let (domain, sent, opened, clicked) = row.try_get_many_by_index().map_err(store_error)?;
        counted.domains.push(DomainCount {
            domain,
            sent,
            opened,
            clicked,
        });
    }
    let people = "AND event.human AND event.kind IN ('open', 'click')";
    let hours = format!(
        "{}, {OPENS_AND_CLICKS}",
        dialect::hour_of(conn, "event.created_at")
    );
    for row in asked
        .rows(&hours, WITH_EVENTS, people, "GROUP BY 1 ORDER BY 1")
        .await?
    {
        let (hour, opens, clicks): (String, i64, i64) = row.try_get_many_by_index().map_err(store_error)?;
        counted.hours.push(DayHourCount {
            hour: parse("email_events.created_at", &hour)?,
            opens,
            clicks,
        });
    }
    let agents = format!("event.user_agent, {OPENS_AND_CLICKS}");
    for row in asked
        .rows(
            &agents,
            WITH_EVENTS,
            people,
            "GROUP BY 1 ORDER BY COUNT(*) DESC LIMIT 1000",
        )
        .await?
    {
        let (user_agent, opens, clicks) = row.try_get_many_by_index().map_err(store_error)?;
        counted.agents.push(AgentCount {
            user_agent,
            opens,
            clicks,
        });
    }
    Ok(counted)
}

/// The mails that are meant.
struct Asked<'a, C> {
    conn: &'a C,
    condition: String,
    values: Vec<Value>,
}

impl<'a, C: ConnectionTrait> Asked<'a, C> {
    fn new(conn: &'a C, organization: Uuid, filter: &MetricsFilter) -> Self {
        let mut condition = "mail.organization_id = $1 AND mail.created_at >= $2 AND mail.created_at < $3 \
            AND mail.sent_at IS NOT NULL"
            .to_owned();
        let mut values: Vec<Value> = vec![organization.into(), filter.from.into(), filter.to.into()];
        if let Some(campaign) = filter.campaign_id {
            values.push(campaign.0.into());
            let _ = write!(condition, " AND mail.campaign_id = ${}", values.len());
        }
        if let Some(domain) = &filter.domain {
            values.push(domain.as_str().into());
            let own = dialect::domain_of(conn, "mail.to_key");
            let _ = write!(condition, " AND {own} = ${}", values.len());
        }
        Self {
            conn,
            condition,
            values,
        }
    }

    async fn rows(
        &self,
        what: &str,
        join: &str,
        and: &str,
        rest: &str,
    ) -> Result<Vec<QueryResult>, StoreError> {
        let sql = format!(
            "SELECT {what} FROM email_messages AS mail {join} WHERE {} {and} {rest}",
            self.condition
        );
        let statement = dialect::composed(self.conn, sql, self.values.clone());
        self.conn.query_all_raw(statement).await.map_err(store_error)
    }
}
