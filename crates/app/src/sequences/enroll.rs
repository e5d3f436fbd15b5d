//! Letting leads in.

use super::commands::{EnrollInput, Enrolled, Refused};
use super::{MISSING, wake};
use crate::audit::{self, Event};
use crate::jobs::{Progress, Stop};
use crate::{App, effect, segments};
use chrono::{DateTime, Utc};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::jobs::NewJob;
use groundswell_domain::leads::LeadFilter;
use groundswell_domain::sequences::{
    EnrollAudience, Enrollment, ExitReason, ReEntry, Sequence, SequenceStatus,
};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, LeadId, Repos, Scope, SequenceId};
use serde_json::json;
use std::collections::HashSet;

/// Leads in one request.
const MOST: usize = 1000;
/// Leads in one transaction.
pub(super) const PIECE: u32 = 1000;

/// Who came in, and who did not and why. In a transaction; `since`: whoever entered from then on is left out, so that a walk
/// through many leads can be repeated.
pub(super) async fn let_in<R: Repos + ?Sized>(
    app: &App,
    unit: &R,
    sequence: &Sequence,
    leads: &[LeadId],
    since: Option<DateTime<Utc>>,
) -> Result<(Vec<LeadId>, Vec<Refused>), Error> {
    let (now, repo) = (app.now(), unit.sequences());
    let Some(first) = sequence.definition.first() else {
        return Ok((Vec::new(), Vec::new()));
    };
    // From here on nobody else lets them in.
    let there = repo.lock_leads(leads).await?;
    let last = repo.last_entries(sequence.id, &there).await?;
    let (mut new, mut refused, mut replaced) = (Vec::new(), Vec::new(), Vec::new());
    let known: HashSet<LeadId> = there.iter().copied().collect();
    let missing = leads.iter().filter(|lead| !known.contains(lead));
    refused.extend(missing.map(|lead| refuse(*lead, "there is no such lead")));
    for lead in there {
        let before = last.get(&lead).copied();
        if since
            .zip(before)
            .is_some_and(|(since, before)| before.entered_at >= since)
        {
            continue;
        }
        if let Some(reason) = sequence.reentry.refuses(before, now) {
            refused.push(refuse(lead, reason));
            continue;
        }
        if before.is_some_and(|before| before.exited_at.is_none()) {
            replaced.push(lead);
        }
        new.push(Enrollment::enter(
            app.id(),
            (sequence.id, sequence.revision),
            lead,
            first,
            now,
        ));
    }
    if sequence.reentry == ReEntry::Replace && !replaced.is_empty() {
        let mut inside = repo.active_of(&replaced, Some(sequence.id)).await?;
        for enrollment in &mut inside {
            enrollment.exit(ExitReason::Replaced, None, now);
        }
        repo.write(&inside).await?;
    }
    if !new.is_empty() {
        repo.enter(&new).await?;
        wake::soon(app, unit).await?;
    }
    Ok((new.iter().map(|enrollment| enrollment.lead_id).collect(), refused))
}

fn refuse(lead_id: LeadId, reason: &str) -> Refused {
    Refused {
        lead_id,
        reason: reason.to_owned(),
    }
}

/// Leads at once, a segment by a job.
pub async fn enroll(app: &App, scope: &Scope, id: SequenceId, input: EnrollInput) -> Result<Enrolled, Error> {
    scope.require(Permission::EmailSend)?;
    let unit = app.store.begin(scope).await?;
    // Not locked: leads are locked before sequences, everywhere.
    let sequence = unit.sequences().get(id).await?.ok_or(MISSING)?;
    if sequence.outreach {
        return Err(Error::conflict(
            "sequence_outreach",
            "leads come into an outreach when their drafts are approved",
        ));
    }
    if sequence.status != SequenceStatus::Active {
        return Err(Error::conflict(
            "sequence_state",
            format!(
                "a sequence that is {} lets nobody in: activate it first",
                sequence.status
            ),
        ));
    }
    let now = app.now();
    let answer = match (input.lead_ids, input.segment_id) {
        (Some(mut leads), None) => {
            leads.sort_unstable();
            leads.dedup();
            let mut problems = Problems::new();
            problems.check(
                (1..=MOST).contains(&leads.len()),
                "lead_ids",
                format!("1 to {MOST}; more of them by a segment"),
            );
            problems.finish()?;
            let (entered, refused) = let_in(app, unit.as_ref(), &sequence, &leads, None).await?;
            Enrolled {
                entered: entered.len() as u64,
                refused,
                job_id: None,
            }
        }
        (None, Some(segment)) => {
            let payload = EnrollAudience {
                sequence_id: id,
                audience: segments::choose(app, unit.as_ref(), segment, "segment_id").await?,
                asked_at: now,
            };
            let job = NewJob::new(app.id(), &payload, now);
            unit.jobs().enqueue(&job, now).await?;
            Enrolled {
                entered: 0,
                refused: Vec::new(),
                job_id: Some(job.id),
            }
        }
        _ => return Err(Error::invalid("lead_ids", "give either lead_ids or a segment_id")),
    };
    let event = Event::of(AuditAction::SequenceEntered, id)
        .after(json!({ "leads": answer.entered, "segment_id": input.segment_id }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    let outcome = if answer.job_id.is_some() {
        Outcome::Accepted
    } else {
        Outcome::Done
    };
    effect::commit(app, scope, unit, outcome, &answer).await?;
    Ok(answer)
}

/// The job. Killed anywhere, it begins anew and leaves out whom it let in already.
pub async fn enroll_audience(
    app: &App,
    scope: &Scope,
    job: &EnrollAudience,
    stop: &Stop,
) -> Result<Progress, Error> {
    let filter = LeadFilter {
        segment: Some(segments::readable(job.audience.chosen())?),
        ..LeadFilter::default()
    };
    walk(app, scope, job.sequence_id, &filter, job.asked_at, stop).await
}

/// Lets in everybody whom a filter means, in pieces.
pub(super) async fn walk(
    app: &App,
    scope: &Scope,
    id: SequenceId,
    filter: &LeadFilter,
    since: DateTime<Utc>,
    stop: &Stop,
) -> Result<Progress, Error> {
    let mut after = None;
    loop {
        if stop.is_set() {
            return Ok(Progress::ContinueAt(app.now()));
        }
        let leads = app.store.read(scope).leads().after(filter, after, PIECE).await?;
        let ids: Vec<LeadId> = leads.iter().map(|lead| lead.id).collect();
        let unit = app.store.begin(scope).await?;
        let sequence = unit.sequences().get(id).await?;
        let Some(sequence) = sequence.filter(|found| found.status == SequenceStatus::Active) else {
            return Ok(Progress::Done);
        };
        let_in(app, unit.as_ref(), &sequence, &ids, Some(since)).await?;
        unit.commit().await?;
        if ids.len() < PIECE as usize {
            return Ok(Progress::Done);
        }
        after = ids.last().copied();
    }
}
