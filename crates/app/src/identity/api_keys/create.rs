//! A new key, and what is checked about its limits.

use super::{LONGEST_DAYS, issue, person, rights, within};
use crate::App;
use crate::audit::{self, Event};
use crate::clients::check_client;
use crate::identity::commands::{CreatedApiKey, NewApiKey};
use crate::organization::currency;
use chrono::TimeDelta;
use groundswell_domain::audit::AuditAction;
use groundswell_domain::identity::{ApiKey, IpRange, MAX_IP_RANGES};
use groundswell_domain::money::{Money, MoneyInput};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, Repos, Scope};

/// As many as a list shows.
const MOST_KEYS: usize = 200;

/// Makes a key. It is not recorded under an idempotency key, since its text is kept nowhere.
pub async fn create_api_key(app: &App, scope: &Scope, new: NewApiKey) -> Result<CreatedApiKey, Error> {
    let user_id = person(scope)?;
    let now = app.now();
    let mut problems = Problems::new();
    let name = problems.line("name", &new.name, 100, false);
    problems.check(!new.scopes.is_empty(), "scopes", "name at least one");
    let expires_at = problems.time("expires_at", new.expires_at);
    if let Some(at) = expires_at {
        problems.check(
            at > now && at <= now + TimeDelta::days(LONGEST_DAYS),
            "expires_at",
            "must be in the future, at most a year ahead",
        );
    }
    let ip_ranges = ranges(&mut problems, &new.ip_ranges);
    let repos = app.store.read(scope);
    if repos.identity().api_keys(user_id).await?.len() >= MOST_KEYS {
        return Err(Error::conflict(
            "too_many_api_keys",
            format!("{MOST_KEYS} keys are the most that one person can have: delete some first"),
        ));
    }
    let budget = monthly(repos.as_ref(), &mut problems, new.budget).await?;
    check_client(repos.as_ref(), &mut problems, new.client_id).await?;
    problems.finish()?;
    for permission in &new.scopes {
        scope.require(*permission)?;
    }
    let client_id = within(scope, new.client_id)?;
    let mut scopes = new.scopes;
    scopes.sort();
    scopes.dedup();
    let key = ApiKey {
        id: app.id(),
        user_id,
        name,
        prefix: String::new(),
        scopes,
        client_id,
        ip_ranges,
        budget,
        expires_at,
        last_used_at: None,
        last_used_ip: None,
        replaces: None,
        replaced_by: None,
        created_at: now,
    };
    let (credentials, created) = issue(app, key);
    let unit = app.store.begin(scope).await?;
    unit.identity().insert_api_key(&credentials).await?;
    let event = Event::of(AuditAction::ApiKeyCreated, created.key.id).after(rights(&created.key));
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    Ok(created)
}

/// Sorted, and each once.
fn ranges(problems: &mut Problems, texts: &[String]) -> Vec<IpRange> {
    if texts.len() > MAX_IP_RANGES {
        problems.add("ip_ranges", format!("must have at most {MAX_IP_RANGES} entries"));
        return Vec::new();
    }
    let mut ranges: Vec<IpRange> = texts
        .iter()
        .enumerate()
        .filter_map(|(index, text)| problems.take(&format!("ip_ranges[{index}]"), text.parse()))
        .collect();
    ranges.sort();
    ranges.dedup();
    ranges
}

async fn monthly(
    repos: &dyn Repos,
    problems: &mut Problems,
    given: Option<MoneyInput>,
) -> Result<Option<Money>, Error> {
    let Some(given) = given else { return Ok(None) };
    let money = problems.take("budget", given.resolve(currency(repos).await?));
    if let Some(money) = money {
        problems.check(money.minor >= 0, "budget", "must not be negative");
    }
    Ok(money)
}
