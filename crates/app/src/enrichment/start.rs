//! Somebody wants to know more about a lead.

use super::commands::EnrichmentStarted;
use crate::{App, effect};
use groundswell_domain::enrichment::EnrichLead;
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::jobs::NewJob;
use groundswell_domain::{Error, LeadId, Scope};

/// Answers that still count are used; with `force` everybody is asked again.
pub async fn start_enrichment(
    app: &App,
    scope: &Scope,
    lead: LeadId,
    force: bool,
) -> Result<EnrichmentStarted, Error> {
    scope.require(Permission::LeadsWrite)?;
    let unit = app.store.begin(scope).await?;
    unit.leads()
        .get(lead)
        .await?
        .ok_or(Error::NotFound { what: "lead" })?;
    let now = app.now();
    let payload = EnrichLead {
        lead_id: lead,
        since: force.then_some(now),
    };
    let job = NewJob::new(app.id(), &payload, now).unique(key(lead, force));
    let started = EnrichmentStarted {
        job_id: unit.jobs().enqueue(&job, now).await?,
    };
    effect::commit(app, scope, unit, Outcome::Accepted, &started).await?;
    Ok(started)
}

/// One job for a lead at a time; one that asks everybody again is another one.
pub(super) fn key(lead: LeadId, force: bool) -> String {
    format!("enrich:{lead}:{force}")
}
