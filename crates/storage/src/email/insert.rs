//! New rows of the ledger.

use crate::dialect;
use crate::entity::{email_contents, email_messages};
use crate::error::store_error;
use chrono::{DateTime, Utc};
use email_messages::Column;
use groundswell_domain::StoreError;
use groundswell_domain::email::{MessageStatus, NewMessage, PlannedMessage};
use groundswell_domain::ids::MessageId;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};
use std::collections::HashSet;
use uuid::Uuid;

/// Rows that are taken at once; their contents stay below the smaller limit of bound values (32,766, of `SQLite`).
const ROWS: usize = 1_000;

/// What is to be added, and when it is due.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    message: &'a NewMessage,
    at: DateTime<Utc>,
    variant: Option<i32>,
}

impl<'a> Entry<'a> {
    pub fn due(message: &'a NewMessage, at: DateTime<Utc>) -> Self {
        Self {
            message,
            at,
            variant: None,
        }
    }

    pub fn planned(planned: &'a PlannedMessage) -> Self {
        Self {
            message: &planned.message,
            at: planned.at,
            variant: planned.variant,
        }
    }
}

/// Adds the rows whose campaign does not have the lead yet, with their content.
pub(super) async fn insert(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    entries: &[Entry<'_>],
    now: DateTime<Utc>,
) -> Result<Vec<MessageId>, StoreError> {
    let mut added = Vec::with_capacity(entries.len());
    for chunk in entries.chunks(ROWS) {
        let rows = chunk.iter().map(|entry| row(organization, *entry, now)).collect();
        let once = [Column::OrganizationId, Column::CampaignId, Column::LeadId];
        let mut ids = HashSet::with_capacity(chunk.len());
        for row in dialect::insert_new::<email_messages::Entity>(conn, rows, &once, &[Column::Id]).await? {
            ids.insert(MessageId(row.try_get_by_index(0).map_err(store_error)?));
        }
        let contents: Vec<_> = chunk
            .iter()
            .filter(|entry| ids.contains(&entry.message.id))
            .filter_map(|entry| content(organization, entry.message))
            .map(IntoActiveModel::into_active_model)
            .collect();
        if !contents.is_empty() {
            email_contents::Entity::insert_many(contents)
                .exec_without_returning(conn)
                .await
                .map_err(store_error)?;
        }
        added.extend(
            chunk
                .iter()
                .map(|entry| entry.message.id)
                .filter(|id| ids.contains(id)),
        );
    }
    Ok(added)
}

fn row(organization: Uuid, entry: Entry<'_>, now: DateTime<Utc>) -> email_messages::Model {
    let message = entry.message;
    let status = if message.suppressed.is_some() {
        MessageStatus::Suppressed
    } else {
        MessageStatus::Queued
    };
    email_messages::Model {
        organization_id: organization,
        id: message.id.0,
        kind: message.kind.as_str().to_owned(),
        campaign_id: message.campaign_id.map(Into::into),
        lead_id: message.lead_id.map(Into::into),
        to_email: message.to.as_str().to_owned(),
        to_key: message.to.key(),
        subject: message.content.as_ref().map(|content| content.subject.clone()),
        status: status.as_str().to_owned(),
        attempts: 0,
        reason: message.suppressed.clone(),
        next_attempt_at: entry.at,
        lease_token: None,
        lease_until: None,
        sent_at: None,
        opened_at: None,
        clicked_at: None,
        unsubscribed_at: None,
        created_at: now,
        updated_at: now,
        variant: entry.variant,
        topic_id: message.topic_id.map(Into::into),
    }
}

fn content(organization: Uuid, message: &NewMessage) -> Option<email_contents::Model> {
    let content = message.content.clone()?;
    Some(email_contents::Model {
        organization_id: organization,
        message_id: message.id.0,
        subject: content.subject,
        html: content.html,
        text: content.text,
    })
}
