//! The port over a [`Link`], with this process's own counts for when it is away.

use super::link::Link;
use super::scripts::{Scripts, backoff_arguments, known_millis};
use crate::MemoryLimiter;
use async_trait::async_trait;
use groundswell_domain::limits::{Attempt, Bucket, RateLimiter, Sharing, Standing, Verdict, decide};
use groundswell_domain::platform::Clock;
use redis::{Client, Script, ScriptInvocation};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// Which Redis, and how.
#[derive(Debug, Clone)]
pub struct RedisOptions {
    /// `redis://user:password@host:port/database`, or `rediss://` for TLS.
    pub url: String,
    /// Before every key.
    pub prefix: String,
    /// Longest time that a request waits for an answer.
    pub time_limit: Duration,
}

pub struct RedisLimiter {
    link: Arc<Link>,
    scripts: Arc<Scripts>,
    prefix: String,
    local: MemoryLimiter,
    connecting: JoinHandle<()>,
}

impl RedisLimiter {
    /// Needs a runtime, on which it connects in the background. The error says what is wrong with the address.
    pub fn new(options: RedisOptions, clock: Arc<dyn Clock>) -> Result<Self, String> {
        let client = Client::open(options.url).map_err(|error| error.to_string())?;
        let link = Arc::new(Link::new(client, options.time_limit));
        let scripts = Arc::<Scripts>::default();
        let connecting = tokio::spawn({
            let (link, scripts) = (Arc::clone(&link), Arc::clone(&scripts));
            async move { link.keep_connected(&scripts).await }
        });
        Ok(Self {
            link,
            scripts,
            prefix: options.prefix,
            local: MemoryLimiter::new(clock),
            connecting,
        })
    }

    fn about_buckets<'a>(&self, script: &'a Script, buckets: &[Bucket]) -> ScriptInvocation<'a> {
        let mut question = script.prepare_invoke();
        for bucket in buckets {
            question.key(format!("{}{}", self.prefix, bucket.key));
            question.arg(bucket.rate.every_micros()).arg(bucket.rate.burst());
        }
        question
    }

    fn about_try<'a>(&self, script: &'a Script, attempt: &Attempt) -> ScriptInvocation<'a> {
        let Attempt { account, place } = attempt;
        let prefix = &self.prefix;
        let mut question = script.prepare_invoke();
        question
            .key(format!("{prefix}known:{account}:{place}"))
            .key(format!("{prefix}tries:{account}"))
            .key(format!("{prefix}tries:{account}:{place}"));
        question
    }
}

impl Drop for RedisLimiter {
    fn drop(&mut self) {
        self.connecting.abort();
    }
}

#[async_trait]
impl RateLimiter for RedisLimiter {
    async fn take(&self, buckets: &[Bucket]) -> Vec<Standing> {
        let question = self.about_buckets(&self.scripts.take, buckets);
        match self.link.ask::<Vec<i64>>(&question).await {
            Some(leads) if leads.len() == buckets.len() => {
                let asked: Vec<_> = buckets.iter().map(|bucket| bucket.rate).zip(leads).collect();
                decide(&asked)
            }
            _ => self.local.take_now(buckets),
        }
    }

    async fn give_back(&self, buckets: &[Bucket]) {
        let question = self.about_buckets(&self.scripts.give_back, buckets);
        if self.link.ask::<i64>(&question).await.is_none() {
            self.local.give_back_now(buckets);
        }
    }

    async fn begin_try(&self, attempt: &Attempt) -> Result<(), Duration> {
        let mut question = self.about_try(&self.scripts.begin_try, attempt);
        for argument in backoff_arguments() {
            question.arg(argument.to_string());
        }
        match self.link.ask::<u64>(&question).await {
            Some(0) => Ok(()),
            Some(wait) => Err(Duration::from_micros(wait)),
            None => self.local.begin_try_now(attempt),
        }
    }

    async fn end_try(&self, attempt: &Attempt, verdict: Verdict) {
        let mut question = self.about_try(&self.scripts.end_try, attempt);
        question
            .arg(i32::from(verdict == Verdict::Right))
            .arg(known_millis().to_string());
        let kept = self.link.ask::<i64>(&question).await;
        // A place that is known must be so while Redis is away, too.
        if kept.is_none() || verdict == Verdict::Right {
            self.local.end_try_now(attempt, verdict);
        }
    }

    async fn sharing(&self) -> Sharing {
        let question = self.about_buckets(&self.scripts.give_back, &[]);
        match self.link.ask::<i64>(&question).await {
            Some(_) => Sharing::Shared,
            None => Sharing::Away,
        }
    }
}
