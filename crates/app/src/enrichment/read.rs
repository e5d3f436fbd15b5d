//! What is known of a lead, and who said so.

use super::commands::{FilledField, LeadEnrichment, SourceCheck, ValueView};
use crate::App;
use groundswell_domain::enrichment::{Enrichment, EnrichmentValue, best};
use groundswell_domain::identity::Permission;
use groundswell_domain::{Error, LeadId, Scope};

pub async fn get_enrichment(app: &App, scope: &Scope, lead: LeadId) -> Result<LeadEnrichment, Error> {
    scope.require(Permission::LeadsRead)?;
    let repos = app.store.read(scope);
    repos
        .leads()
        .get(lead)
        .await?
        .ok_or(Error::NotFound { what: "lead" })?;
    let now = app.now();
    let mut values = repos.enrichment().values(lead).await?;
    values.retain(|value| value.expires_at > now);
    let enrichment = repos.enrichment().enrichment(lead).await?;
    let best = best(&values, now);
    let view = |value: &EnrichmentValue| ValueView {
        value: value.clone(),
        best: best
            .get(&value.field)
            .is_some_and(|best| best.source == value.source),
        applied: is_applied(&enrichment, value),
    };
    Ok(LeadEnrichment {
        lead_id: lead,
        values: values.iter().map(view).collect(),
        sources: sources(&enrichment),
        filled: filled(enrichment),
    })
}

fn is_applied(enrichment: &Enrichment, value: &EnrichmentValue) -> bool {
    let fill = enrichment.fills.get(&value.field);
    fill.is_some_and(|fill| !fill.human && fill.source == value.source)
}

fn sources(enrichment: &Enrichment) -> Vec<SourceCheck> {
    let checks = enrichment.checks.iter().map(|(source, check)| SourceCheck {
        source: *source,
        outcome: check.outcome,
        message: check.message.clone(),
        checked_at: check.at,
        expires_at: check.expires_at,
    });
    checks.collect()
}

fn filled(enrichment: Enrichment) -> Vec<FilledField> {
    let fills = enrichment.fills.into_iter();
    fills.map(|(field, fill)| FilledField { field, fill }).collect()
}
