//! Opens, clicks and unsubscribes.

use crate::codec::parse;
use crate::dialect;
use crate::entity::email_events;
use crate::entity::email_messages::{self, Column};
use crate::error::store_error;
use chrono::{DateTime, Utc};
use groundswell_domain::email::{EmailAddress, EmailEvent, EmailEventKind, EventEffect};
use groundswell_domain::timing::HourCount;
use groundswell_domain::{LeadId, StoreError};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, QueryTrait,
};
use std::collections::HashMap;
use uuid::Uuid;

/// Keeps the event; the first of its kind that a person caused also marks the message.
pub(super) async fn record(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    event: &EmailEvent,
) -> Result<Option<EventEffect>, StoreError> {
    let mark = match event.kind {
        EmailEventKind::Open => Column::OpenedAt,
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
    let kept = email_events::Model {
        organization_id: organization,
        id: event.id.0,
        message_id: event.message_id.0,
        kind: event.kind.as_str().to_owned(),
        url: event.url.clone(),
        user_agent: event.user_agent.clone(),
        created_at: event.created_at,
        human: event.human,
    };
    email_events::Entity::insert(kept.into_active_model())
        .exec_without_returning(conn)
        .await
        .map_err(store_error)?;
    let first = event.human && marked.is_none();
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
