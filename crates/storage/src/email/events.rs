//! Opens, clicks and unsubscribes.

use crate::codec::parse;
use crate::dialect::{self, FirstTimes};
use crate::entity::email_events;
use crate::entity::email_messages::{self, Column};
use crate::error::store_error;
use crate::keys::padded;
use chrono::{DateTime, Utc};
use groundswell_domain::email::classify::Evidence;
use groundswell_domain::email::{
    EmailAddress, EmailEvent, EmailEventKind, EventContext, EventEffect, EventTrace,
};
use groundswell_domain::timing::HourCount;
use groundswell_domain::{EmailEventId, LeadId, MessageId, StoreError};
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// Events of one mail that are looked at together.
const MOST: i64 = 500;

/// Keeps events; the first of its kind that a person caused also marks its message.
pub(super) async fn record(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    events: &[EmailEvent],
) -> Result<Vec<Option<EventEffect>>, StoreError> {
    // Locked, so that of two first opens at once only one is the first.
    let mut mails = mails(conn, organization, events.iter().map(|event| event.message_id)).await?;
    let known = events
        .iter()
        .filter(|event| mails.contains_key(&event.message_id));
    let rows: Vec<_> = known.map(|event| row_of(organization, event)).collect();
    let unique = [email_events::Column::OrganizationId, email_events::Column::Id];
    dialect::insert_new::<email_events::Entity>(conn, rows, &unique, &[email_events::Column::Id]).await?;
    let mut marked = BTreeMap::new();
    let effects = events
        .iter()
        .map(|event| {
            let mail = mails.get_mut(&event.message_id)?;
            let first = event.human && mail.mark(event);
            if first {
                marked.insert(event.message_id, mail.times.clone());
            }
            Some(EventEffect {
                campaign_id: mail.context.campaign_id,
                lead_id: mail.context.lead_id,
                to: mail.to.clone(),
                first,
            })
        })
        .collect();
    let marked: Vec<FirstTimes> = marked.into_values().collect();
    if !marked.is_empty() {
        for statement in dialect::mark_messages(conn, organization, &marked)? {
            conn.execute_raw(statement).await.map_err(store_error)?;
        }
    }
    Ok(effects)
}

/// What events need to know of their mail.
struct Mail {
    context: EventContext,
    to: EmailAddress,
    times: FirstTimes,
}

impl Mail {
    /// Whether it is the first of its kind.
    fn mark(&mut self, event: &EmailEvent) -> bool {
        let time = match event.kind {
            EmailEventKind::Open => &mut self.times.opened_at,
            EmailEventKind::Click => &mut self.times.clicked_at,
            EmailEventKind::Unsubscribe => &mut self.times.unsubscribed_at,
            // No person can have followed it.
            EmailEventKind::Honeypot => return false,
        };
        let first = time.is_none();
        time.get_or_insert(event.created_at);
        first
    }
}

/// Locked in the order of their ids.
async fn mails(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    ids: impl Iterator<Item = MessageId>,
) -> Result<HashMap<MessageId, Mail>, StoreError> {
    let ids: BTreeSet<Uuid> = ids.map(|id| id.0).collect();
    let mut query = email_messages::Entity::find()
        .select_only()
        .columns([
            Column::Id,
            Column::CampaignId,
            Column::LeadId,
            Column::SentAt,
            Column::ToEmail,
            Column::OpenedAt,
            Column::ClickedAt,
            Column::UnsubscribedAt,
        ])
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Id.is_in(padded(ids)))
        .order_by_asc(Column::Id)
        .into_query();
    dialect::lock_for_update(conn, &mut query);
    let mut mails = HashMap::new();
    for row in conn.query_all(&query).await.map_err(store_error)? {
        let (id, campaign, lead, sent_at, to, opened_at, clicked_at, unsubscribed_at): MailRow =
            row.try_get_many_by_index().map_err(store_error)?;
        let mail = Mail {
            context: EventContext {
                campaign_id: campaign.map(Into::into),
                lead_id: lead.map(Into::into),
                sent_at,
            },
            to: EmailAddress::from_trusted(to),
            times: FirstTimes {
                id,
                opened_at,
                clicked_at,
                unsubscribed_at,
            },
        };
        mails.insert(MessageId(id), mail);
    }
    Ok(mails)
}

type Time = Option<DateTime<Utc>>;
type MailRow = (Uuid, Option<Uuid>, Option<Uuid>, Time, String, Time, Time, Time);

pub(super) async fn lock(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    ids: &[MessageId],
) -> Result<HashMap<MessageId, EventContext>, StoreError> {
    let mails = mails(conn, organization, ids.iter().copied()).await?;
    let left = mails.into_iter().filter(|(_, mail)| !mail.to.is_erased());
    Ok(left.map(|(id, mail)| (id, mail.context)).collect())
}

/// The latest of each, oldest first.
pub(super) async fn of_messages(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    messages: &[MessageId],
) -> Result<HashMap<MessageId, Vec<EmailEvent>>, StoreError> {
    use email_events::Column;
    let place = "ROW_NUMBER() OVER (PARTITION BY message_id ORDER BY created_at DESC, id DESC)";
    let numbered = email_events::Entity::find()
        .expr_as(Expr::cust(place), "place")
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::MessageId.is_in(padded(messages.iter().map(|id| id.0))))
        .into_query();
    let query = Query::select()
        .expr(Expr::cust("*"))
        .from_subquery(numbered, "numbered")
        .and_where(Expr::col(("numbered", "place")).lte(MOST))
        .order_by(("numbered", Column::CreatedAt), Order::Asc)
        .order_by(("numbered", Column::Id), Order::Asc)
        .take();
    let mut events = HashMap::<MessageId, Vec<EmailEvent>>::new();
    for row in conn.query_all(&query).await.map_err(store_error)? {
        let row = email_events::Model::from_query_result(&row, "").map_err(store_error)?;
        events
            .entry(MessageId(row.message_id))
            .or_default()
            .push(event_of(row)?);
    }
    Ok(events)
}

/// The first open and the first click of a person, after verdicts have changed. What was before the oldest event that is kept
/// stays: that a mail was opened outlives the event.
const MARKS: &str = "UPDATE email_messages SET \
    opened_at = CASE WHEN opened_at < (SELECT MIN(created_at) FROM email_events \
            WHERE organization_id = $1 AND message_id = $2) THEN opened_at \
        ELSE (SELECT MIN(created_at) FROM email_events WHERE organization_id = $1 AND message_id = $2 \
            AND kind = 'open' AND human) END, \
    clicked_at = CASE WHEN clicked_at < (SELECT MIN(created_at) FROM email_events \
            WHERE organization_id = $1 AND message_id = $2) THEN clicked_at \
        ELSE (SELECT MIN(created_at) FROM email_events WHERE organization_id = $1 AND message_id = $2 \
            AND kind = 'click' AND human) END \
    WHERE organization_id = $1 AND id = $2";

pub(super) async fn rejudge(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    message: MessageId,
    events: &[&EmailEvent],
) -> Result<(), StoreError> {
    use email_events::Column;
    for event in events {
        email_events::Entity::update_many()
            .col_expr(Column::Human, Expr::val(event.human))
            .col_expr(Column::Verdict, Expr::val(event.trace.verdict.as_str()))
            .col_expr(Column::Reasons, Expr::val(words(&event.trace.reasons)))
            .filter(Column::OrganizationId.eq(organization))
            .filter(Column::Id.eq(event.id.0))
            .exec(conn)
            .await
            .map_err(store_error)?;
    }
    let values = [organization.into(), message.0.into()];
    conn.execute_raw(dialect::statement(conn, MARKS, values))
        .await
        .map_err(store_error)?;
    Ok(())
}

pub(super) async fn with_events(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    after: Option<MessageId>,
    limit: u32,
) -> Result<Vec<MessageId>, StoreError> {
    use email_events::Column;
    let ids: Vec<Uuid> = email_events::Entity::find()
        .select_only()
        .column(Column::MessageId)
        .distinct()
        .filter(Column::OrganizationId.eq(organization))
        .apply_if(after, |select, after| {
            select.filter(Column::MessageId.gt(after.0))
        })
        .order_by_asc(Column::MessageId)
        .limit(u64::from(limit))
        .into_tuple()
        .all(conn)
        .await
        .map_err(store_error)?;
    Ok(ids.into_iter().map(Into::into).collect())
}

fn words(reasons: &[Evidence]) -> String {
    let words: Vec<&str> = reasons.iter().map(|reason| reason.as_str()).collect();
    words.join(",")
}

fn row_of(organization: Uuid, event: &EmailEvent) -> email_events::Model {
    email_events::Model {
        organization_id: organization,
        id: event.id.0,
        message_id: event.message_id.0,
        kind: event.kind.as_str().to_owned(),
        url: event.url.clone(),
        user_agent: event.user_agent.clone(),
        created_at: event.created_at,
        human: event.human,
        method: event.trace.method.map(|method| method.as_str().to_owned()),
        network: event.trace.network.map(|network| network.to_string()),
        language: event.trace.language,
        verdict: event.trace.verdict.as_str().to_owned(),
        reasons: words(&event.trace.reasons),
    }
}

fn event_of(row: email_events::Model) -> Result<EmailEvent, StoreError> {
    let reasons = row.reasons.split(',').filter(|word| !word.is_empty());
    Ok(EmailEvent {
        id: EmailEventId(row.id),
        message_id: MessageId(row.message_id),
        kind: parse("email_events.kind", &row.kind)?,
        url: row.url,
        user_agent: row.user_agent,
        human: row.human,
        trace: EventTrace {
            method: row
                .method
                .map(|word| parse("email_events.method", &word))
                .transpose()?,
            network: row
                .network
                .map(|text| parse("email_events.network", &text))
                .transpose()?,
            language: row.language,
            verdict: parse("email_events.verdict", &row.verdict)?,
            reasons: reasons
                .map(|word| parse("email_events.reasons", word))
                .collect::<Result<_, _>>()?,
        },
        created_at: row.created_at,
    })
}

/// In which hours of UTC a lead's mails, or everybody's, were opened or clicked by people.
pub(super) async fn response_hours(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    lead: Option<LeadId>,
    since: DateTime<Utc>,
) -> Result<Vec<HourCount>, StoreError> {
    let statement = dialect::response_hours(conn, organization, lead.map(|id| id.0), since);
    let mut hours = Vec::new();
    for row in conn.query_all_raw(statement).await.map_err(store_error)? {
        let (hour, events): (String, i64) = row.try_get_many_by_index().map_err(store_error)?;
        hours.push(hour_count(&hour, events)?);
    }
    Ok(hours)
}

/// The same for each of these leads.
pub(super) async fn response_hours_of(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    leads: &[LeadId],
    since: DateTime<Utc>,
) -> Result<HashMap<LeadId, Vec<HourCount>>, StoreError> {
    let leads: Vec<Uuid> = leads.iter().map(|lead| lead.0).collect();
    let statement = dialect::response_hours_of(conn, organization, &leads, since);
    let mut hours = HashMap::<LeadId, Vec<HourCount>>::new();
    for row in conn.query_all_raw(statement).await.map_err(store_error)? {
        let (lead, hour, events): (Uuid, String, i64) = row.try_get_many_by_index().map_err(store_error)?;
        hours
            .entry(lead.into())
            .or_default()
            .push(hour_count(&hour, events)?);
    }
    Ok(hours)
}

fn hour_count(hour: &str, events: i64) -> Result<HourCount, StoreError> {
    let text = format!("{}:00:00Z", hour.replace(' ', "T"));
    Ok(HourCount {
        hour: parse("email_events.created_at", &text)?,
        events: u32::try_from(events).map_err(StoreError::other)?,
    })
}
