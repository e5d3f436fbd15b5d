//! Looking at all leads: after a change of the enabled rules, and after all scores were computed anew where rules ask for scores.
//!
//! Pieces of bounded size, each in a transaction of its own together with how far the run came, so that another worker goes on
//! where one stopped and no lead is counted twice.

use super::settle::{Said, settle};
use crate::App;
use crate::jobs::{Progress, Stop};
use chrono::TimeDelta;
use groundswell_domain::jobs::NewJob;
use groundswell_domain::leads::LeadOverview;
use groundswell_domain::qualification::{QualificationRun, Qualifier, RequalifyLeads};
use groundswell_domain::{Error, Scope, UnitOfWork};

/// Leads of a piece.
const PIECE: u32 = 500;
/// Other processes know the rules as they were at most a second ago.
const SETTLED: TimeDelta = TimeDelta::seconds(2);

/// In the transaction of what makes it necessary.
pub(super) async fn begin_run(app: &App, unit: &dyn UnitOfWork) -> Result<QualificationRun, Error> {
    let now = app.now();
    let run = QualificationRun {
        id: app.id(),
        done: 0,
        moved: 0,
        leads: LeadOverview::from(&unit.leads().status_counts().await?).total_leads,
        started_at: now,
        finished_at: None,
        after: None,
    };
    unit.qualification().begin_run(&run).await?;
    let job = NewJob::new(app.id(), &RequalifyLeads { run_id: run.id }, now).at(now + SETTLED);
    unit.jobs().enqueue(&job, now).await?;
    Ok(run)
}

/// The job. Ends at once when another run took its place, and when the rules were switched off.
pub async fn requalify_leads(
    app: &App,
    scope: &Scope,
    job: &RequalifyLeads,
    stop: &Stop,
) -> Result<Progress, Error> {
    loop {
        let repos = app.store.read(scope);
        let run = repos.qualification().run().await?;
        let Some(run) = run.filter(|run| run.id == job.run_id && run.finished_at.is_none()) else {
            return Ok(Progress::Done);
        };
        let rules = repos.qualification().enabled().await?;
        let qualifier = rules.and_then(|rules| Qualifier::new(&rules).ok());
        let end = repos.scoring().piece_end(run.after, PIECE).await?;
        let (Some(qualifier), Some(end)) = (qualifier, end) else {
            repos.qualification().finish_run(run.id, app.now()).await?;
            return Ok(Progress::Done);
        };
        if stop.is_set() {
            return Ok(Progress::ContinueAt(app.now()));
        }
        let unit = app.store.begin(scope).await?;
        let events = qualifier.asks_events();
        let cases = unit.qualification().cases_between(run.after, end, events).await?;
        let settled = settle(app, scope, unit.as_ref(), &qualifier, cases, &Said::new()).await?;
        let done = settled.len() as u64;
        let moved = settled.iter().filter(|settled| settled.step.is_some()).count() as u64;
        if !unit.qualification().advance_run(run.id, end, done, moved).await? {
            // Another run looks at them, too.
            return Ok(Progress::Done);
        }
        unit.commit().await?;
    }
}
