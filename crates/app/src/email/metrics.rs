//! What came of mails.

use crate::App;
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::email::EmailAddress;
use groundswell_domain::email::metrics::{EmailMetrics, MetricsFilter};
use groundswell_domain::identity::Permission;
use groundswell_domain::validate::{Problems, is_writable_time};
use groundswell_domain::{CampaignId, Error, Scope};

/// Which mails are meant. Without a time: those of the last thirty days, or all of a campaign.
#[derive(Debug, Clone, Default)]
pub struct MetricsQuery {
    pub campaign_id: Option<CampaignId>,
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
    /// Of recipients' addresses.
    pub domain: Option<String>,
}

/// Most days that are looked at together.
const MOST_DAYS: i64 = 366;

pub async fn metrics(app: &App, scope: &Scope, query: MetricsQuery) -> Result<EmailMetrics, Error> {
    scope.require(Permission::EmailRead)?;
    let mut problems = Problems::new();
    // Near the first and the last time that there is, days can't be added.
    let (from, to) = (problems.time("from", query.from), problems.time("to", query.to));
    problems.finish()?;
    let mut problems = Problems::new();
    let to = to.unwrap_or_else(|| app.now() + TimeDelta::seconds(1));
    let days = if query.campaign_id.is_some() {
        MOST_DAYS
    } else {
        30
    };
    let from = from.unwrap_or(to - TimeDelta::days(days));
    if !is_writable_time(from) {
        problems.add("from", "must be in the years 1 to 9999");
    } else if from >= to {
        problems.add("from", "must be before `to`");
    } else if to - from > TimeDelta::days(MOST_DAYS) {
        problems.add("from", "must be at most 366 days before `to`");
    }
    // As of an address, so that it is read like those.
    let domain = query
        .domain
        .map(|domain| format!("a@{}", domain.trim()).parse::<EmailAddress>());
    let domain =
        domain.and_then(|parsed| problems.take("domain", parsed.map_err(|_| "is not a domain".to_owned())));
    problems.finish()?;
    let repos = app.store.read(scope);
    if let Some(campaign) = query.campaign_id {
        let found = repos.campaigns().get(campaign).await?;
        found.ok_or(Error::NotFound { what: "campaign" })?;
    }
    let filter = MetricsFilter {
        from,
        to,
        campaign_id: query.campaign_id,
        domain: domain.map(|address| address.ascii_domain()),
    };
    let counted = repos.messages().metrics(&filter).await?;
    Ok(EmailMetrics::of(&filter, counted))
}
