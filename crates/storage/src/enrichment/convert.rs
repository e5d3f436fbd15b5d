//! Between rows and what the domain knows.

use crate::codec::{from_json, parse, to_json};
use crate::entity::{enrichment_providers, enrichment_settings, enrichment_sites, enrichment_values};
use groundswell_domain::enrichment::{
    Confidence, EnrichmentProvider, EnrichmentSettings, EnrichmentValue, Site,
};
use groundswell_domain::{LeadId, StoreError};
use uuid::Uuid;

fn confidence(column: &'static str, percent: i32) -> Result<Confidence, StoreError> {
    let percent = u8::try_from(percent).ok().filter(|percent| *percent <= 100);
    percent
        .map(Confidence::percent)
        .ok_or_else(|| StoreError::other(format!("unreadable value in {column}")))
}

pub(super) fn value(row: enrichment_values::Model) -> Result<EnrichmentValue, StoreError> {
    Ok(EnrichmentValue {
        lead_id: row.lead_id.into(),
        field: parse("enrichment_values.field", &row.field)?,
        value: row.value,
        source: parse("enrichment_values.source", &row.source)?,
        confidence: confidence("enrichment_values.confidence", row.confidence)?,
        fetched_at: row.fetched_at,
        expires_at: row.expires_at,
    })
}

pub(super) fn value_row(
    organization: Uuid,
    lead: LeadId,
    value: &EnrichmentValue,
) -> enrichment_values::Model {
    enrichment_values::Model {
        organization_id: organization,
        lead_id: lead.0,
        field: value.field.to_string(),
        source: value.source.to_string(),
        value: value.value.clone(),
        confidence: value.confidence.as_percent().into(),
        fetched_at: value.fetched_at,
        expires_at: value.expires_at,
    }
}

pub(super) fn site(row: enrichment_sites::Model) -> Result<Site, StoreError> {
    Ok(Site {
        domain: row.domain,
        outcome: parse("enrichment_sites.outcome", &row.outcome)?,
        findings: from_json("enrichment_sites.findings", row.findings)?,
        message: row.message,
        fetched_at: row.fetched_at,
        expires_at: row.expires_at,
    })
}

pub(super) fn provider(row: enrichment_providers::Model) -> Result<EnrichmentProvider, StoreError> {
    Ok(EnrichmentProvider {
        id: row.id.into(),
        name: row.name,
        url: row.url,
        method: parse("enrichment_providers.method", &row.method)?,
        headers: from_json("enrichment_providers.headers", row.headers)?,
        body: row.body,
        secret: row
            .secret
            .map(|secret| from_json("enrichment_providers.secret", secret))
            .transpose()?,
        mapping: from_json("enrichment_providers.mapping", row.mapping)?,
        confidence: confidence("enrichment_providers.confidence", row.confidence)?,
        expiry_days: row.expiry_days,
        position: row.position,
        enabled: row.enabled,
        rate_per_minute: row.rate_per_minute,
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
    })
}

pub(super) fn provider_row(
    organization: Uuid,
    provider: &EnrichmentProvider,
) -> Result<enrichment_providers::Model, StoreError> {
    Ok(enrichment_providers::Model {
        organization_id: organization,
        id: provider.id.0,
        name: provider.name.clone(),
        url: provider.url.clone(),
        method: provider.method.as_str().to_owned(),
        headers: to_json(&provider.headers)?,
        body: provider.body.clone(),
        secret: provider.secret.as_ref().map(to_json).transpose()?,
        mapping: to_json(&provider.mapping)?,
        confidence: provider.confidence.as_percent().into(),
        expiry_days: provider.expiry_days,
        position: provider.position,
        enabled: provider.enabled,
        rate_per_minute: provider.rate_per_minute,
        next_turn: 0,
        created_at: provider.created_at,
        updated_at: provider.updated_at,
        version: provider.version,
    })
}

pub(super) fn settings(row: &enrichment_settings::Model) -> EnrichmentSettings {
    EnrichmentSettings {
        automatic: row.automatic,
        daily_budget: row.daily_budget,
        spent: row.spent,
        spent_on: row.spent_on,
        seen: row.seen.map(Into::into),
    }
}
