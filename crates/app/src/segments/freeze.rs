//! Writes down who is in a segment.

use super::MISSING;
use super::audience::readable;
use super::commands::Freezing;
use crate::audit::{self, Event};
use crate::jobs::{Progress, Stop};
use crate::organization::time_zone;
use crate::{App, effect, version};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::jobs::NewJob;
use groundswell_domain::leads::LeadFilter;
use groundswell_domain::segments::{FreezeSegment, Moment, Segment, SegmentKind};
use groundswell_domain::{Error, JobId, LeadId, Scope, SegmentId, UnitOfWork};

/// Leads in one transaction.
const PIECE: u32 = 1000;

/// Makes a dynamic segment frozen: a job writes its members down.
pub async fn freeze_segment(app: &App, scope: &Scope, id: SegmentId) -> Result<Freezing, Error> {
    scope.require(Permission::LeadsWrite)?;
    let unit = app.store.begin(scope).await?;
    let mut segment = unit.segments().get_locked(id).await?.ok_or(MISSING)?;
    if segment.kind == SegmentKind::Frozen {
        return Err(Error::conflict(
            "segment_frozen",
            "this segment is frozen already",
        ));
    }
    let current = segment.version;
    segment.kind = SegmentKind::Frozen;
    segment.updated_at = app.now();
    segment.version += 1;
    let written = unit.segments().update(&segment, current).await?;
    version::written("segment", written, current)?;
    let job_id = enqueue(app, unit.as_ref(), &segment).await?;
    let event = Event::of(AuditAction::SegmentFrozen, id);
    audit::record(app, scope, unit.as_ref(), event).await?;
    let answer = Freezing {
        segment_id: id,
        job_id,
    };
    effect::commit(app, scope, unit, Outcome::Accepted, &answer).await?;
    Ok(answer)
}

pub(super) async fn enqueue(app: &App, unit: &dyn UnitOfWork, segment: &Segment) -> Result<JobId, Error> {
    let now = app.now();
    let job = FreezeSegment {
        segment_id: segment.id,
        asked_at: now,
    };
    let job = NewJob::new(app.id(), &job, now);
    unit.jobs().enqueue(&job, now).await?;
    Ok(job.id)
}

/// The job. Killed anywhere, it goes on after the last member that was committed.
pub async fn write_members(
    app: &App,
    scope: &Scope,
    job: &FreezeSegment,
    stop: &Stop,
) -> Result<Progress, Error> {
    let repos = app.store.read(scope);
    let waiting = |found: Option<Segment>| {
        found.filter(|found| found.kind == SegmentKind::Frozen && found.frozen_at.is_none())
    };
    let Some(segment) = waiting(repos.segments().get(job.segment_id).await?) else {
        return Ok(Progress::Done);
    };
    let moment = Moment {
        now: job.asked_at,
        time_zone: time_zone(repos.as_ref()).await?,
    };
    let filter = LeadFilter {
        segment: Some(readable(segment.rule(moment))?),
        ..LeadFilter::default()
    };
    let mut after = repos.segments().last_member(segment.id).await?;
    loop {
        if stop.is_set() {
            return Ok(Progress::ContinueAt(app.now()));
        }
        let leads = repos.leads().after(&filter, after, PIECE).await?;
        let ids: Vec<LeadId> = leads.iter().map(|lead| lead.id).collect();
        let done = ids.len() < PIECE as usize;
        let unit = app.store.begin(scope).await?;
        if waiting(unit.segments().get_locked(segment.id).await?).is_none() {
            return Ok(Progress::Done);
        }
        unit.segments().add_members(segment.id, &ids).await?;
        if done {
            unit.segments().finish_freeze(segment.id, app.now()).await?;
        }
        unit.commit().await?;
        if done {
            return Ok(Progress::Done);
        }
        after = ids.last().copied().or(after);
    }
}
