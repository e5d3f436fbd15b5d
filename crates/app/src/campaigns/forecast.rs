//! What a campaign would do if it were launched.

use super::plan::Planner;
use super::{MISSING, channels};
use crate::email::FREQUENCY_CAP;
use crate::{App, effect, identity, segments};
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::campaigns::{
    AbMode, Campaign, Cost, Exclusion, Forecast, OverCap, Rate, RateBasis, Zone,
};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::{Organization, Permission};
use groundswell_domain::{CampaignId, Error, Repos, Scope};

/// With fewer mails a campaign shows nothing about speed.
const TELLING: i64 = 100;

/// Days that are told one by one.
const DAYS: usize = 31;

/// Audience, exclusions, time and cost of a campaign that was not launched yet. Nothing is written but the answer under an
/// `Idempotency-Key`.
pub async fn forecast(app: &App, scope: &Scope, id: CampaignId) -> Result<Forecast, Error> {
    scope.require(Permission::CampaignsRead)?;
    let repos = app.store.read(scope);
    let campaign = repos.campaigns().get(id).await?.ok_or(MISSING)?;
    if campaign.launched_at.is_some() {
        return Err(Error::conflict(
            "campaign_state",
            "the campaign was launched already: its numbers are at /metrics and /timeline",
        ));
    }
    let organization = identity::get_organization(app, scope).await?;
    let now = app.now();
    let starts_at = campaign.start_date.map_or(now, |start| start.max(now));
    let mut forecast = Forecast {
        audience: 0,
        excluded: Vec::new(),
        postponed: 0,
        recipients: 0,
        starts_at,
        first_mail_at: None,
        last_mail_at: None,
        duration_seconds: None,
        days: Vec::new(),
        rate: rate(app, repos.as_ref()).await?,
        cost: None,
        obstacles: obstacles(app, repos.as_ref(), &campaign).await?,
        warnings: Vec::new(),
    };
    audience(app, repos.as_ref(), &campaign, &organization, &mut forecast).await?;
    time(&campaign, &organization, &mut forecast);
    forecast.cost = organization
        .mailing
        .price_per_thousand
        .map(|price| Cost::of(forecast.recipients, price, organization.currency));
    warn(app, repos.as_ref(), &campaign, &mut forecast).await?;
    if scope.idempotency.is_some() {
        let unit = app.store.begin(scope).await?;
        effect::commit(app, scope, unit, Outcome::Done, &forecast).await?;
    }
    Ok(forecast)
}

async fn audience(
    app: &App,
    repos: &dyn Repos,
    campaign: &Campaign,
    organization: &Organization,
    forecast: &mut Forecast,
) -> Result<(), Error> {
    let mut filter = campaign.target_audience.clone();
    filter.unopened = campaign.resend_of;
    segments::of_filter(app, repos, &mut filter).await?;
    let mailing = &organization.mailing;
    let counted = repos
        .campaigns()
        .exclusions(&filter, mailing, campaign.topic_id, app.now())
        .await?;
    let postpones = campaign.delivery.over_cap == OverCap::Postpone;
    for (reason, leads) in counted {
        forecast.audience += leads;
        match reason {
            Some(reason) if postpones && reason == FREQUENCY_CAP => forecast.postponed += leads,
            Some(reason) => forecast.excluded.push(Exclusion { reason, leads }),
            None => {}
        }
    }
    forecast
        .excluded
        .sort_by(|a, b| b.leads.cmp(&a.leads).then_with(|| a.reason.cmp(&b.reason)));
    let excluded: i64 = forecast.excluded.iter().map(|excluded| excluded.leads).sum();
    forecast.recipients = forecast.audience - excluded;
    Ok(())
}

fn time(campaign: &Campaign, organization: &Organization, forecast: &mut Forecast) {
    let zone = Planner::new(campaign, organization).zone();
    let mails = u64::try_from(forecast.recipients).unwrap_or(0);
    let course = campaign
        .delivery
        .course(mails, forecast.starts_at, zone, forecast.rate.per_hour);
    forecast.first_mail_at = course.first;
    // Best hours are spread over all of their time, however fast mails could leave.
    let best = campaign.delivery.best_time_within_hours.map(|hours| {
        let end = forecast.starts_at + TimeDelta::hours(hours.into());
        campaign.delivery.opens(end, zone, zone)
    });
    forecast.last_mail_at = course.last.map(|last| best.map_or(last, |best| last.max(best)));
    let seconds = |last: DateTime<Utc>| (last - forecast.starts_at).num_seconds();
    forecast.duration_seconds = forecast.last_mail_at.map(seconds);
    forecast.days = course.days.into_iter().take(DAYS).collect();
}

/// The fastest of the last campaigns that nothing held back, or what the operator expects.
async fn rate(app: &App, repos: &dyn Repos) -> Result<Rate, Error> {
    let runs = repos.campaigns().past_runs(TELLING).await?;
    let fastest = runs.iter().filter_map(|run| {
        let seconds = (run.completed_at - run.launched_at).num_seconds().max(1);
        u32::try_from(run.sent.saturating_mul(3_600) / seconds).ok()
    });
    Ok(match fastest.max().filter(|fastest| *fastest > 0) {
        Some(per_hour) => Rate {
            per_hour,
            basis: RateBasis::Measured,
        },
        None => Rate {
            per_hour: app.settings.expected_per_hour,
            basis: RateBasis::Configured,
        },
    })
}

/// Why it could not be launched.
async fn obstacles(app: &App, repos: &dyn Repos, campaign: &Campaign) -> Result<Vec<String>, Error> {
    let mut obstacles = Vec::new();
    let channels = match channels::of(app, campaign) {
        Ok(channels) => channels,
        Err(error @ Error::Conflict { .. }) => return Ok(vec![error.to_string()]),
        Err(error) => return Err(error),
    };
    for channel in channels {
        match channel.check(repos, campaign).await {
            Ok(()) => {}
            Err(error @ (Error::Conflict { .. } | Error::Invalid(_))) => obstacles.push(error.to_string()),
            Err(error) => return Err(error),
        }
    }
    Ok(obstacles)
}

async fn warn(
    app: &App,
    repos: &dyn Repos,
    campaign: &Campaign,
    forecast: &mut Forecast,
) -> Result<(), Error> {
    let mut warnings = Vec::new();
    if forecast.recipients == 0 {
        warnings.push("nobody would get a mail".to_owned());
    }
    if forecast.recipients > 0 && forecast.last_mail_at.is_none() {
        warnings.push("with this delivery it would take more than ten years".to_owned());
    }
    let ends = (campaign.end_date, forecast.last_mail_at);
    if let (Some(end), Some(last)) = ends
        && last > end
    {
        warnings.push(format!("mails would still leave after its end_date, {end}"));
    }
    if forecast
        .excluded
        .iter()
        .map(|excluded| excluded.leads)
        .sum::<i64>()
        * 2
        > forecast.audience
    {
        warnings.push("more than half of the audience would be left out".to_owned());
    }
    if forecast.postponed > 0 {
        let leads = forecast.postponed;
        warnings.push(format!(
            "{leads} leads have had enough mails for now and would get theirs within a week"
        ));
    }
    if campaign
        .delivery
        .window
        .as_ref()
        .is_some_and(|window| window.time_zone == Zone::Lead)
    {
        warnings.push(
            "the window is open on each lead's own clock: times are those of the organization's".to_owned(),
        );
    }
    if let Some(hours) = campaign.delivery.best_time_within_hours {
        warnings.push(format!(
            "each lead's best hour is looked for within {hours} hours: mails leave at any time until then"
        ));
    }
    if forecast.rate.basis == RateBasis::Configured {
        warnings.push(format!(
            "no campaign has shown yet how fast mails leave: {} an hour is what the operator expects",
            forecast.rate.per_hour
        ));
    }
    if forecast.cost.is_none() {
        warnings.push(
            "what mails cost is not known: the organization has no mailing.price_per_thousand".to_owned(),
        );
    }
    if let Some(test) = repos.campaigns().ab_test(campaign.id).await?
        && test.design.mode == AbMode::Winner
    {
        warnings.push(format!(
            "those who are not in the A/B test wait {} to {} hours for its decision",
            test.design.min_hours, test.design.max_hours
        ));
    }
    if let Some(start) = campaign.start_date.filter(|start| *start < app.now()) {
        warnings.push(format!(
            "its start_date, {start}, has passed: it would start at once"
        ));
    }
    forecast.warnings = warnings;
    Ok(())
}
