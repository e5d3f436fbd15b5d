//! Opens, clicks and unsubscribes.

use crate::dialect;
use crate::entity::email_events;
use crate::entity::email_messages::{self, Column};
use crate::error::store_error;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::email::{EmailAddress, EmailEvent, EmailEventKind, EventEffect};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, QueryTrait,
};
use uuid::Uuid;

/// Keeps the event; the first of its kind also marks the message.
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
    };
    email_events::Entity::insert(kept.into_active_model())
        .exec_without_returning(conn)
        .await
        .map_err(store_error)?;
    if marked.is_none() {
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
        first: marked.is_none(),
    }))
}
