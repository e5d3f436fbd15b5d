//! Looking who has come into the segment of a sequence.

use super::enroll::walk;
use crate::jobs::{Progress, Stop};
use crate::organization::time_zone;
use crate::{App, segments};
use chrono::TimeDelta;
use groundswell_domain::jobs::NewJob;
use groundswell_domain::leads::LeadFilter;
use groundswell_domain::segments::{Audience, Moment};
use groundswell_domain::sequences::{LookForLeads, Sequence, SequenceStatus};
use groundswell_domain::{Error, Repos, Scope};

/// Between two looks.
const PAUSE: TimeDelta = TimeDelta::hours(1);

/// In the transaction that makes a sequence active, or changes who comes in.
pub(super) async fn begin<R: Repos + ?Sized>(app: &App, unit: &R, sequence: &Sequence) -> Result<(), Error> {
    if sequence.status != SequenceStatus::Active || !sequence.entry.looks_for_leads() {
        return Ok(());
    }
    let now = app.now();
    let payload = LookForLeads {
        sequence_id: sequence.id,
        once: false,
    };
    let hourly = NewJob::new(app.id(), &payload, now).unique(format!("sequences.look:{}", sequence.id));
    if unit.jobs().enqueue(&hourly, now).await? != hourly.id {
        // That one sleeps.
        let payload = LookForLeads {
            once: true,
            ..payload
        };
        let job = NewJob::new(app.id(), &payload, now);
        unit.jobs().enqueue(&job, now).await?;
    }
    Ok(())
}

/// The job. Goes on each hour as long as there is the sequence, active or not: it must not end while somebody makes it active.
pub async fn look_for_leads(
    app: &App,
    scope: &Scope,
    job: &LookForLeads,
    stop: &Stop,
) -> Result<Progress, Error> {
    let repos = app.store.read(scope);
    let now = app.now();
    let found = repos.sequences().get(job.sequence_id).await?;
    let Some(sequence) = found else {
        return Ok(Progress::Done);
    };
    let again = if job.once {
        Progress::Done
    } else {
        Progress::ContinueAt(now + PAUSE)
    };
    if sequence.status != SequenceStatus::Active || !sequence.entry.looks_for_leads() {
        return Ok(again);
    }
    let moment = Moment {
        now,
        time_zone: time_zone(repos.as_ref()).await?,
    };
    let mut audiences: Vec<Audience> = sequence
        .entry
        .expressions()
        .map(|expression| Audience::Rule {
            expression,
            client: None,
            moment,
        })
        .collect();
    if let Some(id) = sequence.entry.segment_id {
        match segments::choose(app, repos.as_ref(), id, "entry.segment_id").await {
            Ok(audience) => audiences.push(audience),
            // Deleted, or just being written down: a later look finds it, or the next one after somebody mended it.
            Err(Error::Invalid(_) | Error::Conflict { .. }) => {
                tracing::warn!(sequence = %sequence.id, segment = %id, "the segment of a sequence can't be read");
            }
            Err(error) => return Err(error),
        }
    }
    for audience in audiences {
        let filter = LeadFilter {
            segment: Some(segments::readable(audience.chosen())?),
            ..LeadFilter::default()
        };
        if let Progress::ContinueAt(at) = walk(app, scope, sequence.id, &filter, now, stop).await? {
            return Ok(Progress::ContinueAt(at));
        }
    }
    Ok(again)
}
