//! Writes the audience into the ledger, in pieces that each stand for themselves.

use super::channels::enqueue_lanes;
use super::plan::Planner;
use crate::email::{FREQUENCY_CAP, Frequency, LeftOut, Room};
use crate::jobs::{Progress, Stop};
use crate::{App, identity, segments};
use chrono::TimeDelta;
use groundswell_domain::campaigns::{
    AbDesign, Assignment, Campaign, CampaignStatus, MetricsDelta, OverCap, SnapshotAudience,
};
use groundswell_domain::email::{HELD, MessageKind, NewMessage, PlannedMessage};
use groundswell_domain::identity::Organization;
use groundswell_domain::leads::{Lead, LeadFilter};
use groundswell_domain::segments::Audience;
use groundswell_domain::{Error, LeadId, Scope, UnitOfWork};
use std::collections::HashSet;

/// Leads in one transaction.
const PIECE: u32 = 1000;

/// The job. Killed anywhere, it goes on after the last piece that was committed.
pub async fn snapshot_audience(
    app: &App,
    scope: &Scope,
    job: &SnapshotAudience,
    stop: &Stop,
) -> Result<Progress, Error> {
    let organization = identity::get_organization(app, scope).await?;
    let test = app.store.read(scope).campaigns().ab_test(job.campaign_id).await?;
    let design = test.as_ref().map(|test| &test.design);
    loop {
        let repos = app.store.read(scope);
        let Some(campaign) = repos.campaigns().get(job.campaign_id).await? else {
            return Ok(Progress::Done);
        };
        if campaign.status != CampaignStatus::Active || campaign.run != job.run || campaign.snapshot_done {
            return Ok(Progress::Done);
        }
        if stop.is_set() {
            return Ok(Progress::ContinueAt(app.now()));
        }
        let leads = repos
            .leads()
            .after(&audience(&campaign)?, campaign.snapshot_after, PIECE)
            .await?;
        let done = leads.len() < PIECE as usize;
        let planned = plan(app, scope, (&campaign, design), &organization, &leads).await?;
        let unit = app.store.begin(scope).await?;
        let delta = add(app, unit.as_ref(), &planned).await?;
        if done {
            enqueue_lanes(app, unit.as_ref(), campaign.id, job.run).await?;
        }
        unit.campaigns().add_metrics(campaign.id, &delta).await?;
        let from = campaign.snapshot_after;
        let to = leads.last().map(|lead| lead.id).or(from);
        if !unit
            .campaigns()
            .advance_snapshot(campaign.id, job.run, from, to, done)
            .await?
        {
            // Paused, cancelled, or another worker took over: what we did is rolled back.
            continue;
        }
        unit.commit().await?;
    }
}

/// Leads that came after the launch are not part of it, and the segment is what it was then.
pub(super) fn audience(campaign: &Campaign) -> Result<LeadFilter, Error> {
    let before = campaign.launched_at.map(|at| at + TimeDelta::microseconds(1));
    let segment = campaign.audience.as_ref().map(Audience::chosen);
    Ok(LeadFilter {
        created_before: before,
        segment: segment.map(segments::readable).transpose()?,
        unopened: campaign.resend_of,
        ..campaign.target_audience.clone()
    })
}

/// The rows of these leads. Read outside of the transaction that writes them: whoever must not be written to is looked for again
/// before anything leaves.
async fn plan(
    app: &App,
    scope: &Scope,
    (campaign, design): (&Campaign, Option<&AbDesign>),
    organization: &Organization,
    leads: &[Lead],
) -> Result<Vec<PlannedMessage>, Error> {
    let repos = app.store.read(scope);
    let keys: Vec<String> = leads.iter().map(|lead| lead.email.key()).collect();
    let ids: Vec<LeadId> = leads.iter().map(|lead| lead.id).collect();
    let left_out = LeftOut::find(
        app,
        repos.as_ref(),
        scope,
        &keys,
        &ids,
        campaign.topic_id.as_slice(),
    )
    .await?;
    let nobody = app.id();
    let frequency = Frequency::find(app, repos.as_ref(), organization.mailing, &ids, nobody).await?;
    let planner = Planner::new(campaign, organization);
    let times = planner.times(app, scope, repos.as_ref(), leads).await?;
    let row = |((lead, key), due): ((&Lead, &String), _)| {
        let (mut at, mut suppressed) = (due, left_out.reason(key, Some(lead.id), campaign.topic_id));
        if let (None, Room::Full(until)) = (&suppressed, frequency.planned(lead.id, due)) {
            match campaign.delivery.over_cap {
                OverCap::Suppress => suppressed = Some(FREQUENCY_CAP.to_owned()),
                OverCap::Postpone => at = planner.opens_for(lead, until),
            }
        }
        let message = NewMessage {
            id: app.id(),
            kind: MessageKind::Campaign,
            campaign_id: Some(campaign.id),
            lead_id: Some(lead.id),
            to: lead.email.clone(),
            content: None,
            suppressed,
            topic_id: campaign.topic_id,
        };
        let variant = match design.map(|design| design.assign(campaign.id, lead.id)) {
            Some(Assignment::Variant(variant)) => Some(variant),
            Some(Assignment::Waits) => {
                at = HELD;
                None
            }
            None => None,
        };
        PlannedMessage { message, at, variant }
    };
    Ok(leads.iter().zip(&keys).zip(times).map(row).collect())
}

async fn add(app: &App, unit: &dyn UnitOfWork, planned: &[PlannedMessage]) -> Result<MetricsDelta, Error> {
    let added: HashSet<_> = unit
        .messages()
        .plan(planned, app.now())
        .await?
        .into_iter()
        .collect();
    let mut delta = MetricsDelta::default();
    let messages = planned.iter().map(|planned| &planned.message);
    for message in messages.filter(|message| added.contains(&message.id)) {
        delta.audience += 1;
        delta.suppressed += i64::from(message.suppressed.is_some());
    }
    Ok(delta)
}
