//! Keeping scores up to date as things happen.

use crate::{App, qualification, sequences};
use groundswell_domain::leads::{LeadEvent, Score};
use groundswell_domain::scoring::Scorers;
use groundswell_domain::{Error, LeadId, OrganizationId, Repos, Scope};
use std::sync::Arc;

/// The active models, as they were at most a second ago. Read through `repos`, which may be a transaction: asking for
/// another connection while holding one could wait for ever.
pub(crate) async fn scorers<R: Repos + ?Sized>(
    app: &App,
    organization: OrganizationId,
    repos: &R,
) -> Result<Arc<Scorers>, Error> {
    if let Some(scorers) = app.scorers.get(&organization).await {
        return Ok(scorers);
    }
    let models = repos.scoring().active().await?;
    let scorers = Arc::new(Scorers::of(organization, &models, app.now()));
    app.scorers.insert(organization, scorers.clone()).await;
    Ok(scorers)
}

/// Writes down what happened to leads, and what they get for it. In a transaction.
pub(crate) async fn happened<R: Repos + ?Sized>(
    app: &App,
    scope: &Scope,
    unit: &R,
    events: &[LeadEvent],
) -> Result<(), Error> {
    // It also locks the leads: whoever computes their scores waits.
    unit.lead_events().add(events).await?;
    qualification::after_events(app, scope, unit, events).await?;
    sequences::after_events(app, scope, unit, events).await?;
    let scorers = scorers(app, scope.organization, unit).await?;
    if !scorers.counts(events) {
        return Ok(());
    }
    if scorers.is_additive() {
        unit.leads().add_score(&scorers.additions(events)).await?;
    } else {
        let mut leads: Vec<LeadId> = events.iter().map(|event| event.lead_id).collect();
        leads.sort_unstable();
        leads.dedup();
        unit.scoring().rescore(&scorers, &leads, app.now()).await?;
    }
    Ok(())
}

/// After a lead was written: its score, if that is another one now. `events` are what happened with it.
pub(crate) async fn changed<R: Repos + ?Sized>(
    app: &App,
    scope: &Scope,
    unit: &R,
    lead: LeadId,
    events: &[LeadEvent],
) -> Result<Option<Score>, Error> {
    if !events.is_empty() {
        unit.lead_events().add(events).await?;
    }
    qualification::after_writing(app, scope, unit, &[lead]).await?;
    if events.is_empty() {
        sequences::after_writing(app, scope, unit, &[lead]).await?;
    } else {
        sequences::after_events(app, scope, unit, events).await?;
    }
    let scorers = scorers(app, scope.organization, unit).await?;
    if !scorers.reads_leads() && !scorers.counts(events) {
        return Ok(None);
    }
    let mut sums = unit.scoring().rescore(&scorers, &[lead], app.now()).await?;
    Ok(sums.pop().map(|(_, sum)| sum))
}

/// After many leads were written: what is known of them may give other points. Nothing where no rule asks.
pub(crate) async fn refit<R: Repos + ?Sized>(
    app: &App,
    scope: &Scope,
    unit: &R,
    leads: &[LeadId],
) -> Result<(), Error> {
    qualification::after_writing(app, scope, unit, leads).await?;
    sequences::after_writing(app, scope, unit, leads).await?;
    let scorers = scorers(app, scope.organization, unit).await?;
    if scorers.reads_leads() && !leads.is_empty() {
        unit.scoring().rescore(&scorers, leads, app.now()).await?;
    }
    Ok(())
}

/// After lines of other leads came to these: what the models that look at more than one event say. Models that only add said it.
pub(crate) async fn anew<R: Repos + ?Sized>(
    app: &App,
    scope: &Scope,
    unit: &R,
    leads: &[LeadId],
) -> Result<(), Error> {
    let scorers = scorers(app, scope.organization, unit).await?;
    if !scorers.is_additive() || scorers.reads_leads() {
        unit.scoring().rescore(&scorers, leads, app.now()).await?;
    }
    Ok(())
}

/// All lines of these leads, whatever the models are.
pub(crate) async fn from_scratch<R: Repos + ?Sized>(
    app: &App,
    scope: &Scope,
    unit: &R,
    leads: &[LeadId],
) -> Result<(), Error> {
    let scorers = scorers(app, scope.organization, unit).await?;
    unit.scoring().rescore(&scorers, leads, app.now()).await?;
    Ok(())
}
