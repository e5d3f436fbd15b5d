//! What makes a campaign go from one state to the next. Each step is one transaction with the jobs it causes.

use super::commands::Schedule;
use super::{MISSING, channels};
use crate::audit::{self, Event};
use crate::{App, effect, segments, version};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::campaigns::{Action, Campaign, CampaignStatus, StartCampaign};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::jobs::NewJob;
use groundswell_domain::validate::Problems;
use groundswell_domain::{CampaignId, Error, Scope, UnitOfWork};
use serde_json::json;

/// A campaign in a transaction, locked, on its way from one state to another.
struct Step {
    unit: Box<dyn UnitOfWork>,
    campaign: Campaign,
    version: i32,
    before: CampaignStatus,
    action: AuditAction,
}

impl Step {
    async fn begin(
        app: &App,
        scope: &Scope,
        id: CampaignId,
        step: (Action, AuditAction),
    ) -> Result<Self, Error> {
        scope.require(Permission::CampaignsLaunch)?;
        let unit = app.store.begin(scope).await?;
        let mut campaign = unit.campaigns().get_locked(id).await?.ok_or(MISSING)?;
        let (version, before) = (campaign.version, campaign.status);
        let (action, audited) = step;
        campaign.status = before.after(action)?;
        campaign.updated_at = app.now();
        campaign.version += 1;
        Ok(Self {
            unit,
            campaign,
            version,
            before,
            action: audited,
        })
    }

    async fn commit(self, app: &App, scope: &Scope) -> Result<Campaign, Error> {
        let written = self.unit.campaigns().update(&self.campaign, self.version).await?;
        version::written("campaign", written, self.version)?;
        let mut after = json!({ "status": self.campaign.status, "start_date": self.campaign.start_date });
        if let Some(failure) = &self.campaign.failure {
            after["failure"] = json!(failure);
        }
        let event = Event::of(self.action, self.campaign.id)
            .before(json!({ "status": self.before }))
            .after(after);
        audit::record(app, scope, self.unit.as_ref(), event).await?;
        // Metrics may have moved with this step: answer with what is stored.
        let campaign = self
            .unit
            .campaigns()
            .get(self.campaign.id)
            .await?
            .ok_or(MISSING)?;
        effect::commit(app, scope, self.unit, Outcome::Done, &campaign).await?;
        tracing::info!(campaign = %campaign.id, status = %campaign.status, "campaign moved on");
        Ok(campaign)
    }
}

/// Starts sending to everyone the audience means right now.
pub async fn launch(app: &App, scope: &Scope, id: CampaignId) -> Result<Campaign, Error> {
    let mut step = Step::begin(app, scope, id, (Action::Launch, AuditAction::CampaignLaunched)).await?;
    begin_run(app, &mut step).await?;
    step.commit(app, scope).await
}

/// Launches a scheduled campaign, unless it was changed since the job was made.
pub async fn start_scheduled(app: &App, scope: &Scope, job: &StartCampaign) -> Result<(), Error> {
    let found = app.store.read(scope).campaigns().get(job.campaign_id).await?;
    let Some(campaign) =
        found.filter(|found| found.status == CampaignStatus::Scheduled && found.run == job.run)
    else {
        return Ok(());
    };
    match launch(app, scope, campaign.id).await {
        Ok(_) => Ok(()),
        // It can't be launched as it is, and nobody waits for an answer: the campaign itself must say so.
        Err(error @ (Error::Conflict { .. } | Error::Invalid(_))) => {
            let mut step = Step::begin(
                app,
                scope,
                campaign.id,
                (Action::Fail, AuditAction::CampaignFailed),
            )
            .await?;
            step.campaign.failure = Some(error.to_string());
            step.commit(app, scope).await.map(drop)
        }
        Err(error) => Err(error),
    }
}

async fn begin_run(app: &App, step: &mut Step) -> Result<(), Error> {
    let (unit, campaign) = (step.unit.as_ref(), &mut step.campaign);
    let channels = channels::of(app, campaign)?;
    for channel in &channels {
        channel.freeze(unit, campaign).await?;
    }
    campaign.audience = match campaign.target_audience.segment_id {
        Some(id) => {
            let field = "target_audience.segment_id";
            Some(segments::choose(app, unit, id, field).await?)
        }
        None => None,
    };
    let now = app.now();
    campaign.run += 1;
    campaign.launched_at = Some(now);
    campaign.start_date = Some(now);
    for channel in &channels {
        channel.begin(unit, campaign).await?;
    }
    Ok(())
}

/// Lets the campaign start by itself.
pub async fn schedule(
    app: &App,
    scope: &Scope,
    id: CampaignId,
    schedule: Schedule,
) -> Result<Campaign, Error> {
    let mut step = Step::begin(app, scope, id, (Action::Schedule, AuditAction::CampaignScheduled)).await?;
    let mut problems = Problems::new();
    let start = problems.time("start_date", schedule.start_date);
    problems.finish()?;
    for channel in channels::of(app, &step.campaign)? {
        channel.check(step.unit.as_ref(), &step.campaign).await?;
    }
    step.campaign.start_date = start.or(step.campaign.start_date);
    book_start(app, step.unit.as_ref(), &mut step.campaign).await?;
    step.commit(app, scope).await
}

/// Puts the start into the queue; a job of an earlier booking finds another run and does nothing.
pub(super) async fn book_start(
    app: &App,
    unit: &dyn UnitOfWork,
    campaign: &mut Campaign,
) -> Result<(), Error> {
    let now = app.now();
    let start = campaign
        .start_date
        .filter(|start| *start > now)
        .ok_or_else(|| Error::invalid("start_date", "is required and must be in the future"))?;
    if campaign.end_date.is_some_and(|end| end <= start) {
        return Err(Error::invalid("start_date", "must be before end_date"));
    }
    campaign.run += 1;
    let job = StartCampaign {
        campaign_id: campaign.id,
        run: campaign.run,
    };
    unit.jobs()
        .enqueue(&NewJob::new(app.id(), &job, now).at(start), now)
        .await?;
    Ok(())
}

/// Stops sending within a second; mails that are on their way arrive.
pub async fn pause(app: &App, scope: &Scope, id: CampaignId) -> Result<Campaign, Error> {
    Step::begin(app, scope, id, (Action::Pause, AuditAction::CampaignPaused))
        .await?
        .commit(app, scope)
        .await
}

pub async fn resume(app: &App, scope: &Scope, id: CampaignId) -> Result<Campaign, Error> {
    let mut step = Step::begin(app, scope, id, (Action::Resume, AuditAction::CampaignResumed)).await?;
    step.campaign.run += 1;
    for channel in channels::launched(app, &step.campaign) {
        channel.begin(step.unit.as_ref(), &step.campaign).await?;
    }
    step.commit(app, scope).await
}

/// Ends a campaign all of whose recipients are settled. (Sending completes it by itself; this is for one that waits.)
pub async fn complete(app: &App, scope: &Scope, id: CampaignId) -> Result<Campaign, Error> {
    let mut step = Step::begin(app, scope, id, (Action::Complete, AuditAction::CampaignCompleted)).await?;
    if !step.campaign.snapshot_done || step.campaign.metrics.queued > 0 {
        return Err(Error::conflict(
            "campaign_unfinished",
            format!(
                "{} mails are still to be sent: wait for them, or cancel the campaign",
                step.campaign.metrics.queued
            ),
        ));
    }
    step.campaign.end_date.get_or_insert(app.now());
    step.commit(app, scope).await
}

/// Stops a campaign for good: what is queued will not be sent.
pub async fn cancel(app: &App, scope: &Scope, id: CampaignId) -> Result<Campaign, Error> {
    let mut step = Step::begin(app, scope, id, (Action::Cancel, AuditAction::CampaignCancelled)).await?;
    step.campaign.run += 1;
    if step.campaign.launched_at.is_some() {
        for channel in channels::launched(app, &step.campaign) {
            channel.cancel(step.unit.as_ref(), &step.campaign).await?;
        }
    }
    step.commit(app, scope).await
}
