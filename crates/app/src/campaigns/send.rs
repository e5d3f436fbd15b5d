//! One lane of a campaign: claims what is due, fills in the merge fields, hands it over, and continues itself.

use super::lane::{Claimed, Lane, Sent};
use crate::email::{complete_if_settled, count, sweep};
use crate::jobs::{Progress, Stop};
use crate::{App, identity};
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::campaigns::{Campaign, CampaignStatus, MetricsDelta, SendCampaign};
use groundswell_domain::email::HELD;
use groundswell_domain::{CampaignId, Error, Scope};

/// A lane gives its place to other work after this long.
const TURN: TimeDelta = TimeDelta::seconds(20);

/// The job.
pub async fn send_campaign(
    app: &App,
    scope: &Scope,
    job: &SendCampaign,
    stop: &Stop,
) -> Result<Progress, Error> {
    sweep(app, scope, Some(job.campaign_id)).await?;
    let Some(campaign) = current(app, scope, job.campaign_id).await? else {
        return Ok(Progress::Done);
    };
    match campaign.status {
        CampaignStatus::Active if campaign.run == job.run => {}
        CampaignStatus::Cancelled => return tidy(app, scope, job.campaign_id).await,
        _ => return Ok(Progress::Done),
    }
    let organization = identity::get_organization(app, scope).await?;
    let lane = Lane::new(app, scope, &campaign, &organization).await?;

    let started = app.now();
    loop {
        let opens = lane.opens();
        if opens > app.now() {
            return wait(app, scope, job.campaign_id, opens).await;
        }
        let claim = match lane.claim().await? {
            Claimed::Rows(claim) => claim,
            Claimed::Full { until } => return wait(app, scope, job.campaign_id, until).await,
        };
        if claim.rows.is_empty() {
            return wait(app, scope, job.campaign_id, app.now()).await;
        }
        let sent = lane.send(job, &claim, stop).await?;
        if let Sent::Busy(until) = sent {
            return Ok(Progress::ContinueAt(until));
        }
        if stop.is_set() || app.is_halted() || app.now() - started > TURN {
            return Ok(Progress::ContinueAt(app.now()));
        }
        if sent == Sent::Stopped {
            return match current(app, scope, job.campaign_id).await? {
                Some(campaign) if campaign.status == CampaignStatus::Cancelled => {
                    tidy(app, scope, campaign.id).await
                }
                _ => Ok(Progress::Done),
            };
        }
    }
}

/// Goes on when the next row is due, and not before `from`; ends the campaign when none is left. Rows that wait for a decision are
/// nobody's business until it makes new lanes.
async fn wait(
    app: &App,
    scope: &Scope,
    campaign: CampaignId,
    from: DateTime<Utc>,
) -> Result<Progress, Error> {
    match app.store.read(scope).messages().next_due(campaign).await? {
        Some(at) if at < HELD => {
            let soon = app.now() + TimeDelta::seconds(1);
            return Ok(Progress::ContinueAt(at.max(from).max(soon)));
        }
        Some(_) => {}
        None => complete_if_settled(app, scope, campaign).await?,
    }
    Ok(Progress::Done)
}

pub(super) async fn current(app: &App, scope: &Scope, id: CampaignId) -> Result<Option<Campaign>, Error> {
    Ok(app.store.read(scope).campaigns().get(id).await?)
}

/// After a cancellation: rows that workers gave back or died with are cancelled too.
async fn tidy(app: &App, scope: &Scope, id: CampaignId) -> Result<Progress, Error> {
    let now = app.now();
    let unit = app.store.begin(scope).await?;
    let cancelled = i64::try_from(unit.messages().cancel_queued(id, now).await?).unwrap_or(i64::MAX);
    count(
        unit.as_ref(),
        id,
        &MetricsDelta {
            cancelled,
            ..MetricsDelta::default()
        },
    )
    .await?;
    let next = unit.messages().next_due(id).await?;
    unit.commit().await?;
    Ok(next.map_or(Progress::Done, |at| {
        Progress::ContinueAt(at.max(now + TimeDelta::seconds(1)))
    }))
}
