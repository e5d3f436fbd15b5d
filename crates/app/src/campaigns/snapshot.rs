//! Writes the audience into the ledger, in pieces that each stand for themselves.

use super::lifecycle::enqueue_lanes;
use crate::email::LeftOut;
use crate::jobs::{Progress, Stop};
use crate::{App, segments};
use chrono::TimeDelta;
use groundswell_domain::campaigns::{Campaign, CampaignStatus, MetricsDelta, SnapshotAudience};
use groundswell_domain::email::{MessageKind, NewMessage};
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
        let unit = app.store.begin(scope).await?;
        let delta = add(app, scope, unit.as_ref(), &campaign, &leads).await?;
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
fn audience(campaign: &Campaign) -> Result<LeadFilter, Error> {
    let before = campaign.launched_at.map(|at| at + TimeDelta::microseconds(1));
    let segment = campaign.audience.as_ref().map(Audience::chosen);
    Ok(LeadFilter {
        created_before: before,
        segment: segment.map(segments::readable).transpose()?,
        ..campaign.target_audience.clone()
    })
}

async fn add(
    app: &App,
    scope: &Scope,
    unit: &dyn UnitOfWork,
    campaign: &Campaign,
    leads: &[Lead],
) -> Result<MetricsDelta, Error> {
    let keys: Vec<String> = leads.iter().map(|lead| lead.email.key()).collect();
    let ids: Vec<LeadId> = leads.iter().map(|lead| lead.id).collect();
    let left_out = LeftOut::find(app, unit, scope, &keys, &ids).await?;
    let messages: Vec<NewMessage> = leads
        .iter()
        .zip(&keys)
        .map(|(lead, key)| NewMessage {
            id: app.id(),
            kind: MessageKind::Campaign,
            campaign_id: Some(campaign.id),
            lead_id: Some(lead.id),
            to: lead.email.clone(),
            content: None,
            suppressed: left_out.reason(key, Some(lead.id)),
        })
        .collect();
    let added: HashSet<_> = unit
        .messages()
        .insert_many(&messages, app.now())
        .await?
        .into_iter()
        .collect();
    let mut delta = MetricsDelta::default();
    for message in messages.iter().filter(|message| added.contains(&message.id)) {
        delta.audience += 1;
        delta.suppressed += i64::from(message.suppressed.is_some());
    }
    Ok(delta)
}
