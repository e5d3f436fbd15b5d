//! Looking who has come into the segment of a sequence, or got the mail of a campaign: at once where it is known of whom, and of all
//! leads each hour.

use super::enroll::walk;
use super::hooks::active;
use crate::jobs::{Progress, Stop};
use crate::organization::time_zone;
use crate::{App, segments};
use chrono::TimeDelta;
use groundswell_domain::jobs::NewJob;
use groundswell_domain::leads::LeadFilter;
use groundswell_domain::segments::{Audience, Moment};
use groundswell_domain::sequences::{
    CampaignEntry, CampaignTrigger, LookAtLeads, LookForLeads, Sequence, SequenceStatus,
};
use groundswell_domain::{CampaignId, Error, LeadId, Repos, Scope};

/// Between two looks.
const PAUSE: TimeDelta = TimeDelta::hours(1);
/// Leads in one job.
const TOGETHER: usize = 500;

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
    let audiences = audiences(app, repos.as_ref(), &sequence).await?;
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

/// Whom a sequence looks for.
async fn audiences<R: Repos + ?Sized>(
    app: &App,
    repos: &R,
    sequence: &Sequence,
) -> Result<Vec<Audience>, Error> {
    let moment = Moment {
        now: app.now(),
        time_zone: time_zone(repos).await?,
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
        match segments::choose(app, repos, id, "entry.segment_id").await {
            Ok(audience) => audiences.push(audience),
            // Deleted, or just being written down: a later look finds it, or the next one after somebody mended it.
            Err(Error::Invalid(_) | Error::Conflict { .. }) => {
                tracing::warn!(sequence = %sequence.id, segment = %id, "the segment of a sequence can't be read");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(audiences)
}

/// In the transaction in which something happened to leads, or was written of them: whoever is in a segment now comes in at once.
pub(super) async fn soon<R: Repos + ?Sized>(
    app: &App,
    unit: &R,
    sequences: &[Sequence],
    leads: &[LeadId],
) -> Result<(), Error> {
    if sequences
        .iter()
        .all(|sequence| sequence.entry.segment_id.is_none())
    {
        return Ok(());
    }
    enqueue(app, unit, leads).await
}

/// After mails of a campaign were handed over. What is lost here is found by the next look.
pub(crate) async fn after_sent(
    app: &App,
    scope: &Scope,
    campaign: CampaignId,
    leads: &[LeadId],
) -> Result<(), Error> {
    let lets_in = |entry: &CampaignEntry| entry.campaign_id == campaign && entry.on == CampaignTrigger::Sent;
    let sequences = active(app, scope.organization, app.store.read(scope).as_ref()).await?;
    if !sequences
        .iter()
        .any(|sequence| sequence.entry.campaigns.iter().any(lets_in))
    {
        return Ok(());
    }
    let unit = app.store.begin(scope).await?;
    enqueue(app, unit.as_ref(), leads).await?;
    Ok(unit.commit().await?)
}

async fn enqueue<R: Repos + ?Sized>(app: &App, unit: &R, leads: &[LeadId]) -> Result<(), Error> {
    let now = app.now();
    for leads in leads.chunks(TOGETHER) {
        let payload = LookAtLeads {
            leads: leads.to_vec(),
        };
        unit.jobs()
            .enqueue(&NewJob::new(app.id(), &payload, now), now)
            .await?;
    }
    Ok(())
}

/// The job. Who entered a sequence within the last hour does not enter it again by this: what a sequence does to a lead may bring it
/// into its segment once more, and that would have no end.
pub async fn look_at_leads(
    app: &App,
    scope: &Scope,
    job: &LookAtLeads,
    stop: &Stop,
) -> Result<Progress, Error> {
    let repos = app.store.read(scope);
    let since = app.now() - PAUSE;
    for sequence in repos.sequences().active().await? {
        if !sequence.entry.looks_for_leads() {
            continue;
        }
        for audience in audiences(app, repos.as_ref(), &sequence).await? {
            let filter = LeadFilter {
                lead_ids: Some(job.leads.clone()),
                segment: Some(segments::readable(audience.chosen())?),
                ..LeadFilter::default()
            };
            if let Progress::ContinueAt(at) = walk(app, scope, sequence.id, &filter, since, stop).await? {
                return Ok(Progress::ContinueAt(at));
            }
        }
    }
    Ok(Progress::Done)
}
