//! The scheduler: what has come is run, and schedules move on.
//!
//! Any number of processes do it at once. A schedule is moved on under a lock of its row, and the jobs of its moments are added
//! in the same transaction; whoever comes second finds that it has moved on.

use super::run::enqueue;
use crate::App;
use chrono::{DateTime, Utc};
use groundswell_domain::schedules::DueSchedule;
use groundswell_domain::{Error, Scope};

/// Schedules that are looked up at once.
const PAGE: u32 = 200;

/// Runs every moment that has come. Answers how many runs were begun.
pub async fn tick(app: &App) -> Result<u64, Error> {
    let now = app.now();
    let (mut after, mut runs) = (None, 0);
    loop {
        let due = app.system.schedules().due(now, after, PAGE).await?;
        for one in &due {
            match advance(app, one, now).await {
                Ok(begun) => runs += begun,
                // The others must not wait for it; it is looked at again with the next tick.
                Err(error) => {
                    tracing::warn!(%error, schedule = %one.schedule, "a schedule could not be moved on");
                }
            }
        }
        if due.len() < PAGE as usize {
            return Ok(runs);
        }
        after = due.last().copied();
    }
}

async fn advance(app: &App, due: &DueSchedule, now: DateTime<Utc>) -> Result<u64, Error> {
    let scope = Scope::job(due.organization, app.request_id());
    let unit = app.store.begin(&scope).await?;
    let Some(mut schedule) = unit.schedules().get_locked(due.schedule).await? else {
        return Ok(0);
    };
    let Some(planned) = schedule.planned(now) else {
        return Ok(0);
    };
    let kinds = schedule.action.kinds();
    let running = unit.schedules().running(schedule.id, kinds).await?;
    let due = schedule.policy().due(&schedule.trigger, planned, now, running);
    for moment in &due.run {
        // Each run is followed by a request of its own.
        let cause = Scope::job(scope.organization, app.request_id()).cause();
        enqueue(app, unit.as_ref(), &schedule, *moment, cause).await?;
    }
    schedule.advance(&due);
    unit.schedules().moved_on(&schedule).await?;
    unit.commit().await?;
    if due.misfired || due.crowded_out > 0 {
        tracing::warn!(
            schedule = %schedule.id,
            misfired = due.misfired,
            crowded_out = due.crowded_out,
            "moments of a schedule were not run"
        );
    }
    Ok(due.run.len() as u64)
}
