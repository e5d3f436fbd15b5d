//! Between rows and mails.

use crate::codec::{from_json, parse, to_json};
use crate::entity::{email_messages, email_templates, suppressions};
use groundswell_domain::StoreError;
use groundswell_domain::email::{ClaimedMessage, EmailAddress, Message, Suppression, Template};
use sea_orm::FromQueryResult;
use uuid::Uuid;

impl TryFrom<email_messages::Model> for Message {
    type Error = StoreError;

    fn try_from(row: email_messages::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            kind: parse("email_messages.kind", &row.kind)?,
            campaign_id: row.campaign_id.map(Into::into),
            lead_id: row.lead_id.map(Into::into),
            to: EmailAddress::from_trusted(row.to_email),
            subject: row.subject,
            status: parse("email_messages.status", &row.status)?,
            attempts: row.attempts,
            reason: row.reason,
            next_attempt_at: row.next_attempt_at,
            sent_at: row.sent_at,
            opened_at: row.opened_at,
            clicked_at: row.clicked_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// What a claim answers with.
#[derive(FromQueryResult)]
pub(super) struct ClaimedRow {
    id: Uuid,
    kind: String,
    campaign_id: Option<Uuid>,
    lead_id: Option<Uuid>,
    to_email: String,
    attempts: i32,
}

impl TryFrom<ClaimedRow> for ClaimedMessage {
    type Error = StoreError;

    fn try_from(row: ClaimedRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            kind: parse("email_messages.kind", &row.kind)?,
            campaign_id: row.campaign_id.map(Into::into),
            lead_id: row.lead_id.map(Into::into),
            to: EmailAddress::from_trusted(row.to_email),
            attempts: row.attempts,
        })
    }
}

/// A row of a claim, as the statement of another folder answers with it.
pub(crate) fn claimed(row: &sea_orm::QueryResult) -> Result<ClaimedMessage, StoreError> {
    ClaimedRow::from_query_result(row, "")
        .map_err(crate::error::store_error)?
        .try_into()
}

impl email_templates::Model {
    pub(super) fn of(organization: Uuid, template: &Template) -> Result<Self, StoreError> {
        Ok(Self {
            organization_id: organization,
            id: template.id.0,
            name: template.name.clone(),
            category: template.category.clone(),
            subject: template.subject.clone(),
            html: template.html.clone(),
            text: template.text.clone(),
            variables: to_json(&template.variables)?,
            created_at: template.created_at,
            updated_at: template.updated_at,
            version: template.version,
        })
    }
}

impl TryFrom<email_templates::Model> for Template {
    type Error = StoreError;

    fn try_from(row: email_templates::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            name: row.name,
            category: row.category,
            subject: row.subject,
            html: row.html,
            text: row.text,
            variables: from_json("email_templates.variables", row.variables)?,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        })
    }
}

impl TryFrom<suppressions::Model> for Suppression {
    type Error = StoreError;

    fn try_from(row: suppressions::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            // An erased address is empty, and its hash is the key.
            email_hash: row.email.is_empty().then_some(row.email_key),
            email: (!row.email.is_empty()).then(|| EmailAddress::from_trusted(row.email)),
            reason: parse("suppressions.reason", &row.reason)?,
            note: row.note,
            created_at: row.created_at,
        })
    }
}
