//! Opens, clicks and unsubscribes.

use crate::codec::parse;
use crate::dialect;
use crate::entity::email_events;
use crate::entity::email_messages::{self, Column};
use crate::error::store_error;
use chrono::{DateTime, Utc};
use groundswell_domain::email::classify::Evidence;
use groundswell_domain::email::{
    EmailAddress, EmailEvent, EmailEventKind, EventContext, EventEffect, EventTrace,
};
use groundswell_domain::timing::HourCount;
use groundswell_domain::{EmailEventId, LeadId, MessageId, StoreError};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};
use std::collections::HashMap;
use uuid::Uuid;

/// Events of one mail that are looked at together.
const MOST: u64 = 500;

/// Keeps the event; the first of its kind that a person caused also marks the message.
pub(super) async fn record(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    event: &EmailEvent,
) -> Result<Option<EventEffect>, StoreError> {
    let mark = match event.kind {
        // Marks nothing, as no person can have followed it; any column will do to be locked.
        EmailEventKind::Open | EmailEventKind::Honeypot => Column::OpenedAt,
        EmailEventKind::Click => Column::ClickedAt,
        EmailEventKind::Unsubscribe => Column::UnsubscribedAt,
    };
    // Locked, so that of two first opens at once only one is the first.
    let mut query = email_messages::Entity::find_by_id((organization, event.message_id.0))
        .select_only()
        .columns([Column::CampaignId, Column::LeadId, Column::ToEmail, mark])
        .into_query();
    dialect::lock_for_update(conn, &mut query);
    let Some(row) = conn.query_one(&query).await.map_err(store_error)? else {
        return Ok(None);
    };
    let (campaign, lead, to, marked): (Option<Uuid>, Option<Uuid>, String, Option<DateTime<Utc>>) =
        row.try_get_many_by_index().map_err(store_error)?;
    email_events::Entity::insert(row_of(organization, event).into_active_model())
        .exec_without_returning(conn)
        .await
        .map_err(store_error)?;
    let first = event.human && marked.is_none() && event.kind != EmailEventKind::Honeypot;
    if first {
        email_messages::Entity::update_many()
            .col_expr(mark, Expr::val(event.created_at))
            .filter(Column::OrganizationId.eq(organization))
            .filter(Column::Id.eq(event.message_id.0))
            .exec(conn)
            .await
            .map_err(store_error)?;
    }
    Ok(Some(EventEffect {
        campaign_id: campaign.map(Into::into),
        lead_id: lead.map(Into::into),
        to: EmailAddress::from_trusted(to),
        first,
    }))
}

pub(super) async fn lock(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    message: MessageId,
) -> Result<Option<EventContext>, StoreError> {
    let mut query = email_messages::Entity::find_by_id((organization, message.0))
        .select_only()
        .columns([
            Column::CampaignId,
            Column::LeadId,
            Column::SentAt,
            Column::ToEmail,
        ])
        .into_query();
    dialect::lock_for_update(conn, &mut query);
    let Some(row) = conn.query_one(&query).await.map_err(store_error)? else {
        return Ok(None);
    };
    let (campaign, lead, sent_at, to): (Option<Uuid>, Option<Uuid>, Option<DateTime<Utc>>, String) =
        row.try_get_many_by_index().map_err(store_error)?;
    if EmailAddress::from_trusted(to).is_erased() {
        return Ok(None);
    }
    Ok(Some(EventContext {
        campaign_id: campaign.map(Into::into),
        lead_id: lead.map(Into::into),
        sent_at,
    }))
}

/// The latest, oldest first.
pub(super) async fn of_message(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    message: MessageId,
) -> Result<Vec<EmailEvent>, StoreError> {
    use email_events::Column;
    let mut rows = email_events::Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::MessageId.eq(message.0))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(MOST)
        .all(conn)
        .await
        .map_err(store_error)?;
    rows.reverse();
    rows.into_iter().map(event_of).collect()
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
