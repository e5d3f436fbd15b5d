//! Looking at campaigns.

use super::MISSING;
use crate::App;
use crate::pipeline::goal_figures;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use groundswell_domain::campaigns::{
    Campaign, CampaignFigures, CampaignFilter, CampaignSort, CampaignStats, MOST_TIMELINE_HOURS, Timeline,
};
use groundswell_domain::email::{Message, MessageFilter, MessageSort, MessageStatus};
use groundswell_domain::identity::Permission;
use groundswell_domain::pipeline::{GoalOf, GoalRule};
use groundswell_domain::validate::{Problems, is_writable_time};
use groundswell_domain::{CampaignId, Error, Page, PageRequest, Scope};

pub async fn get_campaign(app: &App, scope: &Scope, id: CampaignId) -> Result<Campaign, Error> {
    scope.require(Permission::CampaignsRead)?;
    app.store.read(scope).campaigns().get(id).await?.ok_or(MISSING)
}

pub async fn list_campaigns(
    app: &App,
    scope: &Scope,
    filter: &CampaignFilter,
    page: &PageRequest<CampaignSort>,
) -> Result<Page<Campaign>, Error> {
    scope.require(Permission::CampaignsRead)?;
    Ok(app.store.read(scope).campaigns().list(filter, page).await?)
}

/// The counters, and what came of the goal.
pub async fn metrics(app: &App, scope: &Scope, id: CampaignId) -> Result<CampaignFigures, Error> {
    let campaign = get_campaign(app, scope, id).await?;
    let goal = match campaign.goal {
        Some(goal) => {
            let label = goal.label();
            let rule = GoalRule::Campaign(goal);
            let repos = app.store.read(scope);
            Some(goal_figures(repos.as_ref(), label, GoalOf::Campaign(id), rule).await?)
        }
        None => None,
    };
    Ok(CampaignFigures {
        metrics: campaign.metrics,
        goal,
    })
}

/// Everybody the campaign was for, and what became of the mail.
pub async fn recipients(
    app: &App,
    scope: &Scope,
    id: CampaignId,
    status: Option<MessageStatus>,
    page: &PageRequest<MessageSort>,
) -> Result<Page<Message>, Error> {
    // It is a list of addresses.
    scope.require(Permission::LeadsRead)?;
    app.store.read(scope).campaigns().get(id).await?.ok_or(MISSING)?;
    let filter = MessageFilter {
        campaign_id: Some(id),
        status,
        ..MessageFilter::default()
    };
    Ok(app.store.read(scope).messages().list(&filter, page).await?)
}

pub async fn stats(app: &App, scope: &Scope) -> Result<CampaignStats, Error> {
    scope.require(Permission::CampaignsRead)?;
    Ok(app.store.read(scope).campaigns().stats().await?)
}

/// Hours of a timeline that nobody asked for otherwise: a week.
const TIMELINE_HOURS: u32 = 168;

/// What happened to the campaign's mails hour by hour, from its launch on when `from` is absent.
pub async fn timeline(
    app: &App,
    scope: &Scope,
    id: CampaignId,
    from: Option<DateTime<Utc>>,
    hours: Option<u32>,
) -> Result<Timeline, Error> {
    let mut problems = Problems::new();
    let from = problems.time("from", from);
    let hours = hours.unwrap_or(TIMELINE_HOURS);
    problems.check(
        (1..=MOST_TIMELINE_HOURS).contains(&hours),
        "hours",
        format!("must be 1 to {MOST_TIMELINE_HOURS}"),
    );
    problems.finish()?;
    let campaign = get_campaign(app, scope, id).await?;
    let from = from.or(campaign.launched_at).unwrap_or(campaign.created_at);
    // Whole hours, so that one page begins where the other ends.
    let from = from.duration_trunc(TimeDelta::hours(1)).unwrap_or(from);
    let until = from + TimeDelta::hours(hours.into());
    if !is_writable_time(until) {
        return Err(Error::invalid(
            "from",
            "must be in the years 1 to 9999, as must its last hour",
        ));
    }
    let repos = app.store.read(scope);
    Ok(Timeline {
        from,
        until,
        hours: repos.campaigns().timeline(id, from, until).await?,
    })
}
