//! What is known of each key and model, at one moment. Pure: time comes in.

use super::{Admission, Breaker, BreakerRules, FailureKind, KeyRef};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HealthRules {
    pub breaker: BreakerRules,
    /// How long a key is left alone that has nothing left to pay with.
    pub quota_rest: TimeDelta,
    /// The same after 403: its owner may change what it may do.
    pub forbidden_rest: TimeDelta,
}

impl Default for HealthRules {
    fn default() -> Self {
        Self {
            breaker: BreakerRules::default(),
            quota_rest: TimeDelta::hours(1),
            forbidden_rest: TimeDelta::minutes(10),
        }
    }
}

#[derive(Debug, Clone, Default)]
struct Health {
    breaker: Breaker,
    /// Limited until then.
    until: Option<DateTime<Utc>>,
    /// Failures one after the other.
    failures: u32,
    last_used: Option<DateTime<Utc>>,
}

/// How one key stands against others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// One after the other, up to now.
    pub failures: u32,
    /// Since it was last used.
    pub rested: TimeDelta,
}

/// Why a key may not be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    CoolingDown(DateTime<Utc>),
    BreakerOpen(DateTime<Utc>),
}

impl Hold {
    pub fn until(self) -> DateTime<Utc> {
        match self {
            Self::CoolingDown(until) | Self::BreakerOpen(until) => until,
        }
    }
}

/// What this process knows of keys. It is a hint, not a truth: other processes find out for themselves, and a lost book costs a few
/// calls. What must not be lost, the quarantine of a key, is written to the store.
#[derive(Debug, Default)]
pub struct HealthBook {
    rules: HealthRules,
    keys: HashMap<(KeyRef, String), Health>,
}

/// Entries that are kept before idle ones are forgotten.
const REMEMBERED: usize = 20_000;
const IDLE: TimeDelta = TimeDelta::minutes(30);

impl HealthBook {
    pub fn new(rules: HealthRules) -> Self {
        Self {
            rules,
            keys: HashMap::new(),
        }
    }

    /// Asks for a call with this key. Whoever is admitted tells what came of it.
    pub fn admit(&mut self, key: &KeyRef, model: &str, now: DateTime<Utc>) -> Result<(), Hold> {
        let rules = self.rules.breaker;
        let health = self.entry(key, model, now);
        if let Some(until) = health.until.filter(|until| now < *until) {
            return Err(Hold::CoolingDown(until));
        }
        match health.breaker.admit(&rules, now) {
            Admission::Wait(until) => Err(Hold::BreakerOpen(until)),
            Admission::Go | Admission::Probe => {
                health.last_used = Some(now);
                Ok(())
            }
        }
    }

    pub fn answered(&mut self, key: &KeyRef, model: &str, now: DateTime<Utc>) {
        let rules = self.rules.breaker;
        let health = self.entry(key, model, now);
        health.failures = 0;
        health.until = None;
        health.breaker.record(&rules, true, now);
    }

    /// `rest` is how long a limited key is left alone: what the provider asked for, else a back-off.
    pub fn failed(
        &mut self,
        key: &KeyRef,
        model: &str,
        kind: FailureKind,
        rest: Duration,
        now: DateTime<Utc>,
    ) {
        let rules = self.rules;
        let health = self.entry(key, model, now);
        let rest = TimeDelta::from_std(rest).unwrap_or(rules.quota_rest);
        match kind {
            FailureKind::RateLimited => health.until = Some(now + rest),
            FailureKind::QuotaExhausted => health.until = Some(now + rest.max(rules.quota_rest)),
            FailureKind::Forbidden => health.until = Some(now + rest.max(rules.forbidden_rest)),
            // It may still tell when it wants to be asked again.
            FailureKind::Overloaded if !rest.is_zero() => health.until = Some(now + rest),
            _ => {}
        }
        if kind.breaks() {
            health.failures = health.failures.saturating_add(1);
            health.breaker.record(&rules.breaker, false, now);
        } else {
            if kind == FailureKind::RateLimited {
                health.failures = health.failures.saturating_add(1);
            }
            health.breaker.undecided(now);
        }
    }

    /// The call ended without saying anything about the key.
    pub fn undecided(&mut self, key: &KeyRef, model: &str, now: DateTime<Utc>) {
        self.entry(key, model, now).breaker.undecided(now);
    }

    /// Until when this key is limited, without asking for a call.
    pub fn cooling(&self, key: &KeyRef, model: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let health = self.keys.get(&(key.clone(), model.to_owned()))?;
        health.until.filter(|until| now < *until)
    }

    /// Failures one after the other, up to now.
    pub fn failures(&self, key: &KeyRef, model: &str) -> u32 {
        let health = self.keys.get(&(key.clone(), model.to_owned()));
        health.map_or(0, |health| health.failures)
    }

    pub fn standing(&self, key: &KeyRef, model: &str, now: DateTime<Utc>) -> Standing {
        let health = self.keys.get(&(key.clone(), model.to_owned()));
        let used = health.and_then(|health| health.last_used);
        Standing {
            failures: health.map_or(0, |health| health.failures),
            rested: used.map_or(TimeDelta::MAX, |used| now - used),
        }
    }

    fn entry(&mut self, key: &KeyRef, model: &str, now: DateTime<Utc>) -> &mut Health {
        if self.keys.len() >= REMEMBERED {
            let waits = |health: &Health| health.until.is_some_and(|until| now < until);
            let fresh = |health: &Health| health.last_used.is_some_and(|used| now - used < IDLE);
            self.keys.retain(|_, health| waits(health) || fresh(health));
        }
        self.keys.entry((key.clone(), model.to_owned())).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn limits_hold_one_model_of_one_key_and_no_breaker_opens() {
        let mut book = HealthBook::new(HealthRules::default());
        let key = KeyRef::Operator("openai".parse().unwrap(), 0);
        for _ in 0..10 {
            book.failed(
                &key,
                "a",
                FailureKind::RateLimited,
                Duration::from_secs(20),
                at(0),
            );
        }
        assert_eq!(book.admit(&key, "a", at(19)), Err(Hold::CoolingDown(at(20))));
        assert_eq!(book.cooling(&key, "a", at(19)), Some(at(20)));
        assert_eq!(book.cooling(&key, "a", at(20)), None);
        assert_eq!(book.admit(&key, "a", at(20)), Ok(()));
        assert_eq!(book.admit(&key, "b", at(0)), Ok(()));
        assert_eq!(book.failures(&key, "a"), 10);
        book.answered(&key, "a", at(21));
        assert_eq!(book.failures(&key, "a"), 0);
    }

    #[test]
    fn a_key_without_money_rests_an_hour_and_failures_open_the_breaker() {
        let mut book = HealthBook::new(HealthRules::default());
        let key = KeyRef::Operator("openai".parse().unwrap(), 0);
        book.failed(&key, "a", FailureKind::QuotaExhausted, Duration::ZERO, at(0));
        assert_eq!(book.admit(&key, "a", at(3599)), Err(Hold::CoolingDown(at(3600))));
        for _ in 0..5 {
            book.failed(&key, "b", FailureKind::ServerError, Duration::ZERO, at(0));
        }
        assert_eq!(book.admit(&key, "b", at(1)), Err(Hold::BreakerOpen(at(30))));
    }
}
