//! Seeing to it that enrollments are looked at when their time comes.
//!
//! For each minute in which somebody is due there is one job, put into the queue by the transaction that decides it. That is exact, and
//! costs a row for a hundred thousand leads as for one. A look at all organizations once a minute is the guarantee.

use crate::App;
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::jobs::NewJob;
use groundswell_domain::sequences::RunSequences;
use groundswell_domain::{Error, Repos, Scope};
use std::collections::BTreeMap;

/// What was due so long ago has been forgotten by its job.
const FORGOTTEN: TimeDelta = TimeDelta::seconds(60);
/// Organizations that are looked at together.
const PAGE: u32 = 200;

/// In the transaction that has somebody wait.
pub(super) async fn at<R: Repos + ?Sized>(
    app: &App,
    unit: &R,
    times: impl IntoIterator<Item = DateTime<Utc>>,
) -> Result<(), Error> {
    let now = app.now();
    let mut minutes: BTreeMap<i64, DateTime<Utc>> = BTreeMap::new();
    for time in times.into_iter().filter(|time| *time > now) {
        let first = minutes.entry(time.timestamp().div_euclid(60)).or_insert(time);
        *first = time.min(*first);
    }
    for (minute, first) in minutes {
        let job = NewJob::new(app.id(), &RunSequences {}, now)
            .at(first)
            .unique(format!("sequences.run:{minute}"));
        unit.jobs().enqueue(&job, now).await?;
    }
    Ok(())
}

/// In the transaction that makes somebody due. It has no key: a job that runs already may have looked before.
pub(super) async fn soon<R: Repos + ?Sized>(app: &App, unit: &R) -> Result<(), Error> {
    let now = app.now();
    let job = NewJob::new(app.id(), &RunSequences {}, now);
    unit.jobs().enqueue(&job, now).await?;
    Ok(())
}

/// Puts a job into the queue for each organization where somebody was due and nobody came. Any number of processes may do so, as often
/// as they like. Answers how many organizations they were.
pub async fn schedule_due(app: &App) -> Result<u64, Error> {
    let now = app.now();
    let (mut after, mut due) = (None, 0);
    loop {
        let directory = app.system.sequences();
        let page = directory
            .organizations_with_due(now - FORGOTTEN, after, PAGE)
            .await?;
        for organization in &page {
            let scope = Scope::job(*organization, app.request_id());
            let job = NewJob::new(app.id(), &RunSequences {}, now).unique("sequences.run");
            let unit = app.store.begin(&scope).await?;
            unit.jobs().enqueue(&job, now).await?;
            unit.commit().await?;
            due += 1;
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => after = Some(*last),
            _ => return Ok(due),
        }
    }
}
