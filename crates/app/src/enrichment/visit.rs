//! A visit to a company's own site.

use crate::{App, robots};
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::egress::{FetchError, FetchRequest, Fetched};
use groundswell_domain::enrichment::{Finding, SITE_KEPT_DAYS, Site, SiteOutcome, from_site};
use groundswell_domain::{Error, Scope};
use url::Url;

/// As much of a page as is read.
const MOST_BYTES: usize = 1024 * 1024;
/// Longer than a visit takes, with everything that it waits for.
const VISIT: TimeDelta = TimeDelta::minutes(5);
/// A site that is not there today may be there tomorrow.
const RETRY: TimeDelta = TimeDelta::days(1);
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(10);

/// What a visit gave.
pub(super) enum Visit {
    Known(Site),
    /// Somebody else is there: look again at this moment.
    Later(DateTime<Utc>),
}

/// The site of a domain: what is known of it, or else what a visit shows. One visit at a time, whoever asks.
pub(super) async fn visit(
    app: &App,
    scope: &Scope,
    domain: &str,
    since: Option<DateTime<Utc>>,
) -> Result<Visit, Error> {
    let now = app.now();
    let repos = app.store.read(scope);
    if !repos
        .enrichment()
        .claim_site(domain, since, now, now + VISIT)
        .await?
    {
        let known = repos.enrichment().site(domain).await?;
        return Ok(match known {
            Some(site) if site.outcome != SiteOutcome::Visiting => Visit::Known(site),
            _ => Visit::Later(now + LOOK_AGAIN),
        });
    }
    let site = look(app, domain).await;
    app.store.read(scope).enrichment().keep_site(&site).await?;
    Ok(Visit::Known(site))
}

async fn look(app: &App, domain: &str) -> Site {
    let (outcome, findings, message) = match fetch(app, domain).await {
        Ok(Some(answer)) => found(app, domain, &answer),
        Ok(None) => {
            let message = "the site's robots.txt asks programs to stay away".to_owned();
            (SiteOutcome::Refused, Vec::new(), Some(message))
        }
        Err(error) => (SiteOutcome::Failed, Vec::new(), Some(error.to_string())),
    };
    let now = app.now();
    let kept = if outcome == SiteOutcome::Failed {
        RETRY
    } else {
        TimeDelta::days(SITE_KEPT_DAYS)
    };
    Site {
        domain: domain.to_owned(),
        outcome,
        findings,
        message,
        fetched_at: now,
        expires_at: now + kept,
    }
}

fn found(app: &App, domain: &str, answer: &Fetched) -> (SiteOutcome, Vec<Finding>, Option<String>) {
    if !answer.is_success() {
        let message = format!("the site answers {}", answer.status);
        return (SiteOutcome::Failed, Vec::new(), Some(message));
    }
    let is_page = answer
        .header("content-type")
        .is_none_or(|kind| kind.contains("html") || kind.starts_with("text/"));
    if !is_page {
        let message = "the site's first page is no page".to_owned();
        return (SiteOutcome::Failed, Vec::new(), Some(message));
    }
    let page = app.pages.read(answer);
    (SiteOutcome::Found, from_site(domain, answer, &page), None)
}

/// The first page: encrypted if possible, with or without `www`. `None` when the site does not want it.
async fn fetch(app: &App, domain: &str) -> Result<Option<Fetched>, FetchError> {
    let places = ["https://", "https://www.", "http://"];
    let mut last = FetchError::Unresolved(domain.to_owned());
    for place in places {
        let Ok(url) = Url::parse(&format!("{place}{domain}/")) else {
            continue;
        };
        match page(app, url).await {
            Err(error) if is_elsewhere(&error) => last = error,
            other => return other,
        }
    }
    Err(last)
}

/// Nobody is at this address, but somebody may be at another one of the same domain.
fn is_elsewhere(error: &FetchError) -> bool {
    matches!(
        error,
        FetchError::Unresolved(_) | FetchError::Unreachable(_) | FetchError::Tls(_)
    )
}

/// Goes from redirect to redirect by itself: each address has to be allowed before it is asked, also on the same site.
async fn page(app: &App, mut url: Url) -> Result<Option<Fetched>, FetchError> {
    for _ in 0..=FetchRequest::MOST_REDIRECTS {
        if !robots::allows(app, &url).await? {
            return Ok(None);
        }
        let request = FetchRequest {
            max_bytes: MOST_BYTES,
            truncate: true,
            headers: vec![("accept".into(), "text/html,application/xhtml+xml".into())],
            follow: false,
            ..FetchRequest::get(url)
        };
        let answer = app.egress.get(request).await?;
        match answer.redirect()? {
            Some(next) => url = next,
            None => return Ok(Some(answer)),
        }
    }
    Err(FetchError::TooManyRedirects(FetchRequest::MOST_REDIRECTS))
}
