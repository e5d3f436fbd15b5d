//! Computing the scores of all leads anew: after a change of models, and each night where points decay.
//!
//! Pieces of bounded size, each in a transaction of its own that leaves every lead's ledger and score in step. How far it
//! came is kept, so that another worker goes on where one stopped. Doing a piece twice changes nothing.

use crate::jobs::{Progress, Stop};
use crate::{App, qualification};
use chrono::TimeDelta;
use futures_util::try_join;
use groundswell_domain::jobs::NewJob;
use groundswell_domain::leads::LeadOverview;
use groundswell_domain::scoring::{RescoreLeads, Scorers, ScoringRun};
use groundswell_domain::{Error, LeadId, Scope, UnitOfWork};

/// Leads of a piece.
const PIECE: u32 = 2_000;
/// Other processes know the models as they were at most a second ago. By then they know the new ones, and nothing
/// that they add by the old ones comes after the run.
const SETTLED: TimeDelta = TimeDelta::seconds(2);
/// Organizations that are looked at together.
const PAGE: u32 = 200;

/// In the transaction of what makes it necessary.
pub(super) async fn begin_run(app: &App, unit: &dyn UnitOfWork) -> Result<ScoringRun, Error> {
    let now = app.now();
    let leads = LeadOverview::from(&unit.leads().status_counts().await?).total_leads;
    let run = ScoringRun {
        id: app.id(),
        done: 0,
        leads,
        started_at: now,
        finished_at: None,
        after: None,
        day: now.date_naive(),
    };
    unit.scoring().begin_run(&run).await?;
    let job = NewJob::new(app.id(), &RescoreLeads { run_id: run.id }, now).at(now + SETTLED);
    unit.jobs().enqueue(&job, now).await?;
    Ok(run)
}

/// Begins a run wherever points have decayed since the last one. Any number of processes may do so, as often as they like.
/// Answers how many were due.
pub async fn schedule_decay(app: &App) -> Result<u64, Error> {
    let (today, mut after, mut due) = (app.now().date_naive(), None, 0);
    loop {
        let page = app.system.scoring().due(today, after, PAGE).await?;
        for organization in &page {
            let scope = Scope::job(*organization, app.request_id());
            let unit = app.store.begin(&scope).await?;
            begin_run(app, unit.as_ref()).await?;
            unit.commit().await?;
            due += 1;
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => after = Some(*last),
            _ => return Ok(due),
        }
    }
}

/// The job. Ends at once when another run took its place.
pub async fn rescore_leads(
    app: &App,
    scope: &Scope,
    job: &RescoreLeads,
    stop: &Stop,
) -> Result<Progress, Error> {
    loop {
        let repos = app.store.read(scope);
        let run = repos.scoring().run().await?;
        let Some(run) = run.filter(|run| run.id == job.run_id && run.finished_at.is_none()) else {
            return Ok(Progress::Done);
        };
        let Some(first) = repos.scoring().piece_end(run.after, PIECE).await? else {
            repos.scoring().finish_run(run.id, app.now()).await?;
            qualification::after_rescoring(app, scope).await?;
            return Ok(Progress::Done);
        };
        if stop.is_set() {
            return Ok(Progress::ContinueAt(app.now()));
        }
        let models = repos.scoring().active().await?;
        let scorers = Scorers::of(scope.organization, &models, app.now());
        let second = repos.scoring().piece_end(Some(first), PIECE).await?;
        // Two at a time: while the database writes one, the other is computed.
        let other = async {
            match second {
                Some(second) => piece(app, scope, &scorers, Some(first), second).await,
                None => Ok(0),
            }
        };
        let (done, more) = try_join!(piece(app, scope, &scorers, run.after, first), other)?;
        let last = second.unwrap_or(first);
        repos.scoring().advance_run(run.id, last, done + more).await?;
    }
}

async fn piece(
    app: &App,
    scope: &Scope,
    scorers: &Scorers,
    after: Option<LeadId>,
    until: LeadId,
) -> Result<u64, Error> {
    let unit = app.store.begin(scope).await?;
    let done = unit
        .scoring()
        .rescore_between(scorers, after, until, app.now())
        .await?;
    unit.commit().await?;
    Ok(done)
}
