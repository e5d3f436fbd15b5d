//! Between rows and mails.

use super::versions::InfoRow;
use crate::codec::{from_json, parse, to_json};
use crate::entity::{email_messages, email_template_versions, email_templates, suppressions};
use groundswell_domain::StoreError;
use groundswell_domain::email::{
    ClaimedMessage, EmailAddress, Message, Suppression, Template, TemplateStatus, TemplateVersion,
    VersionInfo,
};
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
            variant: row.variant,
            topic_id: row.topic_id.map(Into::into),
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
    variant: Option<i32>,
    topic_id: Option<Uuid>,
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
            variant: row.variant,
            topic_id: row.topic_id.map(Into::into),
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
            format: template.format.as_str().to_owned(),
            subject: template.subject.clone(),
            html: template.html.clone(),
            text: template.text.clone(),
            variables: to_json(&template.variables)?,
            latest_version: template.latest_version,
            live_version: template.live_version,
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
            format: parse("email_templates.format", &row.format)?,
            subject: row.subject,
            html: row.html,
            text: row.text,
            variables: from_json("email_templates.variables", row.variables)?,
            status: TemplateStatus::of(row.latest_version, row.live_version),
            latest_version: row.latest_version,
            live_version: row.live_version,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        })
    }
}

impl email_template_versions::Model {
    pub(super) fn of(organization: Uuid, version: &TemplateVersion) -> Result<Self, StoreError> {
        Ok(Self {
            organization_id: organization,
            template_id: version.template_id.0,
            number: version.number,
            format: version.format.as_str().to_owned(),
            subject: version.subject.clone(),
            html: version.html.clone(),
            text: version.text.clone(),
            variables: to_json(&version.variables)?,
            created_at: version.created_at,
            created_by: version.created_by.map(|user| user.0),
            published_at: version.published_at,
            published_by: version.published_by.map(|user| user.0),
        })
    }
}

impl TryFrom<email_template_versions::Model> for TemplateVersion {
    type Error = StoreError;

    fn try_from(row: email_template_versions::Model) -> Result<Self, StoreError> {
        Ok(Self {
            template_id: row.template_id.into(),
            number: row.number,
            format: parse("email_template_versions.format", &row.format)?,
            subject: row.subject,
            html: row.html,
            text: row.text,
            variables: from_json("email_template_versions.variables", row.variables)?,
            created_at: row.created_at,
            created_by: row.created_by.map(Into::into),
            published_at: row.published_at,
            published_by: row.published_by.map(Into::into),
        })
    }
}

impl InfoRow {
    pub(super) fn info(self, live: Option<i32>) -> Result<VersionInfo, StoreError> {
        Ok(VersionInfo {
            number: self.number,
            format: parse("email_template_versions.format", &self.format)?,
            subject: self.subject,
            created_at: self.created_at,
            created_by: self.created_by.map(Into::into),
            published_at: self.published_at,
            published_by: self.published_by.map(Into::into),
            live: live == Some(self.number),
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
