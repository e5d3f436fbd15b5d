//! What other contexts call when something happened to leads. Costs a look into a cache where nobody made rules.

use super::run::begin_run;
use crate::App;
use groundswell_domain::jobs::NewJob;
use groundswell_domain::leads::LeadEvent;
use groundswell_domain::qualification::{Qualifier, QualifyLeads};
use groundswell_domain::{Error, LeadId, OrganizationId, Repos, Scope, SubmissionId};
use std::sync::Arc;

/// Leads of one job.
const TOGETHER: usize = 200;

/// The rules that move leads, as they were at most a second ago. Read through `repos`, which may be a transaction: asking for
/// another connection while holding one could wait for ever.
async fn qualifier<R: Repos + ?Sized>(
    app: &App,
    organization: OrganizationId,
    repos: &R,
) -> Result<Option<Arc<Qualifier>>, Error> {
    if let Some(kept) = app.qualifiers.get(&organization).await {
        return Ok(kept);
    }
    let rules = repos.qualification().enabled().await?;
    // Rules that can't be read, because a newer program wrote them, move nobody.
    let read = rules.and_then(|rules| Qualifier::new(&rules).ok()).map(Arc::new);
    app.qualifiers.insert(organization, read.clone()).await;
    Ok(read)
}

/// In the transaction of what happened.
pub(crate) async fn after_events<R: Repos + ?Sized>(
    app: &App,
    scope: &Scope,
    unit: &R,
    events: &[LeadEvent],
) -> Result<(), Error> {
    match qualifier(app, scope.organization, unit).await? {
        Some(qualifier) if qualifier.concerned(events) => {
            let leads = events.iter().map(|event| event.lead_id).collect();
            enqueue(app, unit, leads).await
        }
        _ => Ok(()),
    }
}

/// In the transaction in which these leads were written, or got other scores.
pub(crate) async fn after_writing<R: Repos + ?Sized>(
    app: &App,
    scope: &Scope,
    unit: &R,
    leads: &[LeadId],
) -> Result<(), Error> {
    if leads.is_empty() || qualifier(app, scope.organization, unit).await?.is_none() {
        return Ok(());
    }
    enqueue(app, unit, leads.to_vec()).await
}

/// The job that goes with a submission; none where there are no rules.
pub(crate) async fn after_capture<R: Repos + ?Sized>(
    app: &App,
    scope: &Scope,
    repos: &R,
    submission: SubmissionId,
) -> Result<Option<NewJob>, Error> {
    let rules = qualifier(app, scope.organization, repos).await?;
    Ok(rules.map(|_| {
        let payload = QualifyLeads {
            leads: Vec::new(),
            submission: Some(submission),
        };
        NewJob::new(app.id(), &payload, app.now())
    }))
}

/// After the scores of all leads were computed anew: those that rules ask about.
pub(crate) async fn after_rescoring(app: &App, scope: &Scope) -> Result<(), Error> {
    let repos = app.store.read(scope);
    let rules = qualifier(app, scope.organization, repos.as_ref()).await?;
    if rules.is_some_and(|rules| rules.asks_score()) {
        let unit = app.store.begin(scope).await?;
        begin_run(app, unit.as_ref()).await?;
        unit.commit().await?;
    }
    Ok(())
}

async fn enqueue<R: Repos + ?Sized>(app: &App, unit: &R, mut leads: Vec<LeadId>) -> Result<(), Error> {
    leads.sort_unstable();
    leads.dedup();
    let now = app.now();
    for leads in leads.chunks(TOGETHER) {
        let payload = QualifyLeads {
            leads: leads.to_vec(),
            submission: None,
        };
        unit.jobs()
            .enqueue(&NewJob::new(app.id(), &payload, now), now)
            .await?;
    }
    Ok(())
}
