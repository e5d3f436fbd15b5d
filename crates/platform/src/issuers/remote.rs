//! The keys that an issuer publishes, fetched when they are needed and kept as long as it allows.
//!
//! Whoever sends us a token decides when we look for its key, so everything here has a bound: one request at
//! a time, 5 seconds, 1 MiB, one try per 10 seconds while the issuer fails, one per minute for keys we have
//! not heard of. While there are old keys nobody waits for a request but the one that makes it.

use super::config::SignatureAlgorithm;
use super::key_set::{KeySet, NoKey};
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::identity::IssuerError;
use groundswell_domain::platform::Clock;
use jsonwebtoken::DecodingKey;
use reqwest::header::{ACCEPT, AGE, CACHE_CONTROL, HeaderMap};
use std::error::Error as _;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMutexGuard};
use url::Url;

const TIMEOUT: Duration = Duration::from_secs(5);
const MAX_BODY: usize = 1024 * 1024;
/// Bounds of how long keys count as fresh. The lower one holds for answers that are not to be kept at all,
/// too.
const MIN_FRESH: TimeDelta = TimeDelta::minutes(5);
const MAX_FRESH: TimeDelta = TimeDelta::hours(24);
/// How long keys that are no longer fresh are used while the issuer is away.
const MAX_STALE: TimeDelta = TimeDelta::hours(24);
/// After a request that failed.
const RETRY: TimeDelta = TimeDelta::seconds(10);
/// Between requests that are made only because a token named an unknown key.
const UNKNOWN_KEY: TimeDelta = TimeDelta::seconds(60);

pub(super) struct RemoteKeys {
    name: String,
    url: Url,
    allowed: Vec<SignatureAlgorithm>,
    client: reqwest::Client,
    clock: Arc<dyn Clock>,
    cached: RwLock<Option<Arc<Cached>>>,
    /// Held during a request.
    attempts: Arc<Mutex<Attempts>>,
}

struct Cached {
    keys: KeySet,
    fresh_until: DateTime<Utc>,
}

#[derive(Default)]
struct Attempts {
    failed: Option<DateTime<Utc>>,
    unknown_key: Option<DateTime<Utc>>,
}

/// The client for the keys of all issuers. Follows no redirect: the operator named the place that is trusted.
pub(super) fn client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .build()
}

impl RemoteKeys {
    pub(super) fn new(
        name: String,
        url: Url,
        allowed: Vec<SignatureAlgorithm>,
        client: reqwest::Client,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            name,
            url,
            allowed,
            client,
            clock,
            cached: RwLock::default(),
            attempts: Arc::default(),
        }
    }

    /// The algorithm with this name, if the issuer is configured for it.
    pub(super) fn algorithm(&self, name: &str) -> Option<SignatureAlgorithm> {
        self.allowed
            .iter()
            .copied()
            .find(|allowed| allowed.name() == name)
    }

    /// The key that a token names, which claims to be signed with `algorithm`.
    pub(super) async fn find(
        self: &Arc<Self>,
        kid: Option<&str>,
        algorithm: SignatureAlgorithm,
    ) -> Result<DecodingKey, IssuerError> {
        let before = self.load();
        let mut cached = self.current().await?;
        let mut found = cached.keys.find(kid, algorithm).cloned();
        let just_fetched = before.is_none_or(|before| !Arc::ptr_eq(&before, &cached));
        if matches!(found, Err(NoKey::Unknown)) && !just_fetched {
            cached = self.after_unknown_key(&cached).await?;
            found = cached.keys.find(kid, algorithm).cloned();
        }
        found.map_err(|reason| {
            IssuerError::Refused(
                match reason {
                    NoKey::Unknown => "the token is signed with a key that its issuer does not publish",
                    NoKey::Ambiguous => "the token does not say which key it is signed with (`kid`)",
                    NoKey::OtherAlgorithm => "the token is signed with another algorithm than its key is for",
                }
                .into(),
            )
        })
    }

    /// Keys that are fresh, or else the newest that can still be used.
    async fn current(self: &Arc<Self>) -> Result<Arc<Cached>, IssuerError> {
        let now = self.clock.now();
        let cached = self.load();
        if let Some(fresh) = cached.as_ref().filter(|cached| now < cached.fresh_until) {
            return Ok(fresh.clone());
        }
        let stale = cached.filter(|cached| now < cached.fresh_until + MAX_STALE);
        let attempts = match (&stale, self.attempts.clone().try_lock_owned()) {
            (_, Ok(attempts)) => attempts,
            (Some(stale), Err(_)) => return Ok(stale.clone()),
            (None, Err(_)) => self.attempts.clone().lock_owned().await,
        };
        // Somebody may have fetched them while we waited.
        if let Some(fresh) = self.load().filter(|cached| now < cached.fresh_until) {
            return Ok(fresh);
        }
        let fetched = if recent(attempts.failed, now, RETRY) {
            Err(self.away())
        } else {
            self.fetch(attempts, now).await
        };
        match (fetched, stale) {
            (Err(_), Some(stale)) => Ok(stale),
            (fetched, _) => fetched,
        }
    }

    /// The keys after `seen`, which lack one that a token names: it may be new.
    async fn after_unknown_key(self: &Arc<Self>, seen: &Arc<Cached>) -> Result<Arc<Cached>, IssuerError> {
        let mut attempts = self.attempts.clone().lock_owned().await;
        if let Some(newer) = self.load().filter(|newest| !Arc::ptr_eq(newest, seen)) {
            return Ok(newer);
        }
        let now = self.clock.now();
        if recent(attempts.unknown_key, now, UNKNOWN_KEY) {
            return Ok(seen.clone());
        }
        if recent(attempts.failed, now, RETRY) {
            return Err(self.away());
        }
        attempts.unknown_key = Some(now);
        self.fetch(attempts, now).await
    }

    fn load(&self) -> Option<Arc<Cached>> {
        self.cached.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn away(&self) -> IssuerError {
        IssuerError::Unavailable(format!("the keys of {} can't be fetched now", self.name))
    }

    /// A task of its own: a caller that hangs up must not end what others wait for, and must not leave the
    /// next one to start again (which would be a way around all bounds).
    async fn fetch(
        self: &Arc<Self>,
        attempts: OwnedMutexGuard<Attempts>,
        now: DateTime<Utc>,
    ) -> Result<Arc<Cached>, IssuerError> {
        let this = self.clone();
        let task = tokio::spawn(async move { this.fetch_now(attempts, now).await });
        task.await.unwrap_or_else(|_| Err(self.away()))
    }

    async fn fetch_now(
        &self,
        mut attempts: OwnedMutexGuard<Attempts>,
        now: DateTime<Utc>,
    ) -> Result<Arc<Cached>, IssuerError> {
        match self.request().await {
            Ok((keys, fresh)) => {
                if keys.is_empty() {
                    let url = self.url.as_str();
                    tracing::warn!(
                        issuer = self.name,
                        url,
                        "the issuer publishes no key that we can use"
                    );
                }
                attempts.failed = None;
                let cached = Arc::new(Cached {
                    keys,
                    fresh_until: now + fresh,
                });
                let mut place = self.cached.write().unwrap_or_else(PoisonError::into_inner);
                *place = Some(cached.clone());
                Ok(cached)
            }
            Err(error) => {
                attempts.failed = Some(now);
                let url = self.url.as_str();
                tracing::warn!(
                    issuer = self.name,
                    url,
                    error,
                    "the issuer's keys could not be fetched"
                );
                Err(self.away())
            }
        }
    }

    /// Asks for the keys now, for a person who wants to know whether they can be had. Keeps nothing.
    pub(super) async fn check(&self) -> Result<String, String> {
        let place = self.url.as_str();
        match self.request().await {
            Ok((keys, _)) if keys.is_empty() => Err(format!(
                "{place} has no key that can be used with the `algorithms` of the configuration"
            )),
            Ok((keys, _)) => Ok(match keys.len() {
                1 => format!("1 key at {place}"),
                count => format!("{count} keys at {place}"),
            }),
            Err(error) => Err(format!("the keys at {place} can't be had: {error}")),
        }
    }

    async fn request(&self) -> Result<(KeySet, TimeDelta), String> {
        let request = self
            .client
            .get(self.url.clone())
            .header(ACCEPT, "application/json");
        let mut response = request.send().await.map_err(with_sources)?;
        if !response.status().is_success() {
            return Err(format!("the answer is {}", response.status()));
        }
        let fresh = freshness(response.headers());
        let mut body = Vec::new();
        // Counted after decompression.
        while let Some(chunk) = response.chunk().await.map_err(with_sources)? {
            if body.len() + chunk.len() > MAX_BODY {
                return Err("the answer is larger than 1 MiB".into());
            }
            body.extend_from_slice(&chunk);
        }
        let keys = KeySet::parse(&body, &self.allowed).map_err(|error| format!("not a key set: {error}"))?;
        Ok((keys, fresh))
    }
}

fn recent(at: Option<DateTime<Utc>>, now: DateTime<Utc>, period: TimeDelta) -> bool {
    at.is_some_and(|at| (now - at).abs() < period)
}

/// The `max-age` that is left (RFC 9111, sections 4.2.3 and 5.2.2.1), within our bounds.
fn freshness(headers: &HeaderMap) -> TimeDelta {
    let directives = headers
        .get_all(CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    let mut max_age = None;
    for directive in directives {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "max-age" => max_age = value.trim().trim_matches('"').parse::<u32>().ok(),
            "no-store" | "no-cache" => return MIN_FRESH,
            _ => {}
        }
    }
    let age = headers
        .get(AGE)
        .and_then(|age| age.to_str().ok()?.trim().parse::<u32>().ok());
    let left = max_age.unwrap_or(0).saturating_sub(age.unwrap_or(0));
    TimeDelta::seconds(left.into()).clamp(MIN_FRESH, MAX_FRESH)
}

/// The outer error of reqwest only says that a request failed.
fn with_sources(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn freshness_is_what_the_issuer_says_within_bounds() {
        for (control, age, seconds) in [
            (
                "public, max-age=19845, must-revalidate, no-transform",
                "0",
                19_845,
            ),
            ("Max-Age=\"3600\"", "600", 3_000),
            ("max-age=3600", "4000", 300),
            ("max-age=1", "", 300),
            ("max-age=4294967295", "", 86_400),
            ("max-age=99999999999", "", 300),
            ("max-age=3600, no-store", "", 300),
            ("public", "", 300),
            ("s-maxage=7200", "", 300),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CACHE_CONTROL, control.parse().unwrap());
            headers.insert(AGE, age.parse().unwrap());
            assert_eq!(freshness(&headers).num_seconds(), seconds, "{control}");
        }
        assert_eq!(freshness(&HeaderMap::new()), MIN_FRESH);
    }
}
