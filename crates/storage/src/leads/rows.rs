//! Between rows and leads.

use super::checks;
use crate::codec::{from_json, parse, to_json};
use crate::entity::{leads, score_entries, side_score_entries};
use groundswell_domain::StoreError;
use groundswell_domain::email::{EmailAddress, Verification};
use groundswell_domain::leads::{Lead, Score, ScoreEntry, Utm};
use groundswell_domain::money::Money;
use groundswell_domain::phone::E164;
use uuid::Uuid;

impl leads::Model {
    /// The row of a lead. Its score lies elsewhere, and most writers must not take the lead's own.
    pub(crate) fn of(organization: Uuid, lead: &Lead) -> Result<Self, StoreError> {
        Ok(Self {
            organization_id: organization,
            id: lead.id.0,
            email: lead.email.as_str().to_owned(),
            email_key: lead.email.key(),
            name: lead.name.clone(),
            phone: lead.phone.clone(),
            company: lead.company.clone(),
            title: lead.title.clone(),
            source: lead.source.clone(),
            status: lead.status.as_str().to_owned(),
            stage: lead.stage.as_str().to_owned(),
            stage_since: lead.stage_since,
            furthest_stage: lead.furthest_stage.as_str().to_owned(),
            outcome_reason: lead.outcome_reason.clone(),
            value: lead.value.map(|value| value.minor),
            value_currency: lead.value.map(|value| value.currency.as_str().to_owned()),
            tags: to_json(&lead.tags)?,
            custom_fields: to_json(&lead.custom_fields)?,
            utm_source: lead.utm.source.clone(),
            utm_medium: lead.utm.medium.clone(),
            utm_campaign: lead.utm.campaign.clone(),
            client_id: lead.client_id.map(Into::into),
            search_text: search_text(lead),
            created_at: lead.created_at,
            updated_at: lead.updated_at,
            version: lead.version,
            address_checks: Some(checks::letters(&lead.verification)),
            address_checked_at: lead.verification.checked_at,
            // A new address is looked at as soon as the next sweep comes.
            verify_at: Some(lead.updated_at),
            phone_e164: lead.phone_e164.as_ref().map(|number| number.as_str().to_owned()),
        })
    }

    /// The lead of this row.
    pub(crate) fn with(self, score: Score) -> Result<Lead, StoreError> {
        let row = self;
        let email = EmailAddress::from_trusted(row.email);
        let verification = match row.address_checks {
            Some(letters) => checks::read(&letters, row.address_checked_at)?,
            None => Verification::of(&email),
        };
        Ok(Lead {
            id: row.id.into(),
            name: row.name,
            email,
            verification,
            phone: row.phone,
            phone_e164: row.phone_e164.map(E164::from_trusted),
            company: row.company,
            title: row.title,
            source: row.source,
            status: parse("leads.status", &row.status)?,
            stage: parse("leads.stage", &row.stage)?,
            stage_since: row.stage_since,
            furthest_stage: parse("leads.furthest_stage", &row.furthest_stage)?,
            outcome_reason: row.outcome_reason,
            value: money(row.value, row.value_currency.as_deref())?,
            tags: from_json("leads.tags", row.tags)?,
            custom_fields: from_json("leads.custom_fields", row.custom_fields)?,
            score,
            utm: Utm {
                source: row.utm_source,
                medium: row.utm_medium,
                campaign: row.utm_campaign,
            },
            client_id: row.client_id.map(Into::into),
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        })
    }
}

impl score_entries::Model {
    /// A line that counts towards the lead's score.
    pub(crate) fn of(organization: Uuid, entry: &ScoreEntry) -> Self {
        let model_id = entry.model_id.0;
        Self {
            organization_id: organization,
            id: entry.id.0,
            lead_id: entry.lead_id.0,
            model_id: if model_id == organization {
                Uuid::nil()
            } else {
                model_id
            },
            revision: entry.revision,
            rule: entry.rule.clone(),
            axis: entry.axis.as_str().to_owned(),
            points: entry.points,
            event: entry.event.clone(),
            created_at: entry.created_at,
        }
    }
}

impl TryFrom<score_entries::Model> for ScoreEntry {
    type Error = StoreError;

    fn try_from(row: score_entries::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            lead_id: row.lead_id.into(),
            model_id: if row.model_id.is_nil() {
                row.organization_id
            } else {
                row.model_id
            }
            .into(),
            revision: row.revision,
            primary: true,
            rule: row.rule,
            axis: parse("score_entries.axis", &row.axis)?,
            points: row.points,
            event: row.event,
            created_at: row.created_at,
        })
    }
}

impl side_score_entries::Model {
    /// A line of a model that runs beside the primary one.
    pub(crate) fn of(organization: Uuid, entry: &ScoreEntry) -> Self {
        Self {
            organization_id: organization,
            id: entry.id.0,
            lead_id: entry.lead_id.0,
            model_id: entry.model_id.0,
            revision: entry.revision,
            rule: entry.rule.clone(),
            axis: entry.axis.as_str().to_owned(),
            points: entry.points,
            event: entry.event.clone(),
            created_at: entry.created_at,
        }
    }
}

impl TryFrom<side_score_entries::Model> for ScoreEntry {
    type Error = StoreError;

    fn try_from(row: side_score_entries::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            lead_id: row.lead_id.into(),
            model_id: row.model_id.into(),
            revision: row.revision,
            primary: false,
            rule: row.rule,
            axis: parse("side_score_entries.axis", &row.axis)?,
            points: row.points,
            event: row.event,
            created_at: row.created_at,
        })
    }
}

fn money(minor: Option<i64>, currency: Option<&str>) -> Result<Option<Money>, StoreError> {
    let (Some(minor), Some(currency)) = (minor, currency) else {
        return Ok(None);
    };
    let currency = currency.parse().map_err(StoreError::other)?;
    Ok(Some(Money { minor, currency }))
}

/// What a search looks through, in lower case: four lines, in this order, which the filter by company relies on; the telephone
/// number stands behind the address. Both databases get it from here because they fold case differently.
fn search_text(lead: &Lead) -> String {
    let company = lead.company.as_deref().unwrap_or_default();
    let title = lead.title.as_deref().unwrap_or_default();
    let mut address = lead.email.as_str().to_owned();
    if let Some(number) = &lead.phone_e164 {
        address.push(' ');
        address.push_str(number.as_str());
    }
    [lead.name.as_str(), address.as_str(), company, title]
        .map(|field| field.to_lowercase().replace(char::is_control, " "))
        .join("\n")
}
