//! How often the doors to the outside can be used: per address, per account, per form. In memory of this process.

use super::client_ip::ClientIp;
use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use groundswell_domain::{Error, FormId};
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

type Keyed<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock>;

/// Keys that are full again are forgotten every so many checks, so that memory is bounded by the traffic of a minute.
const SWEEP_EVERY: u32 = 4096;

pub struct Limits {
    enabled: bool,
    clock: DefaultClock,
    checks: AtomicU32,
    sign_in: Keyed<IpAddr>,
    /// Tries against one account from anywhere: after five, one in twenty seconds.
    account: Keyed<String>,
    registration: Keyed<IpAddr>,
    recovery: Keyed<IpAddr>,
    visitor: Keyed<IpAddr>,
    form: Keyed<FormId>,
}

fn keyed<K: Hash + Eq + Clone>(burst: u32, period: Duration) -> Keyed<K> {
    let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
    // One is given back after each period; the constructor refuses only an empty one.
    let quota = Quota::with_period(period)
        .unwrap_or(Quota::per_minute(burst))
        .allow_burst(burst);
    RateLimiter::keyed(quota)
}

impl Limits {
    pub fn new(enabled: bool) -> Self {
        Self {
            enabled,
            clock: DefaultClock::default(),
            checks: AtomicU32::new(0),
            sign_in: keyed(3, Duration::from_secs(20)),
            account: keyed(5, Duration::from_secs(20)),
            registration: keyed(3, Duration::from_mins(20)),
            recovery: keyed(3, Duration::from_mins(20)),
            visitor: keyed(10, Duration::from_secs(6)),
            form: keyed(60, Duration::from_secs(1)),
        }
    }

    /// 3 sign-ins a minute per address; `account` is what was typed, whether or not there is such an account.
    pub fn sign_in(&self, ip: ClientIp, account: &str) -> Result<(), Error> {
        self.check(&self.sign_in, &ip.bucket())?;
        self.check(
            &self.account,
            &account.trim().to_lowercase().chars().take(254).collect(),
        )
    }

    /// 3 registrations an hour per address.
    pub fn registration(&self, ip: ClientIp) -> Result<(), Error> {
        self.check(&self.registration, &ip.bucket())
    }

    /// 3 mails with links an hour per address.
    pub fn recovery(&self, ip: ClientIp) -> Result<(), Error> {
        self.check(&self.recovery, &ip.bucket())
    }

    /// 10 submissions a minute per address, and 60 per form.
    pub fn form(&self, ip: ClientIp, form: FormId) -> Result<(), Error> {
        self.check(&self.visitor, &ip.bucket())?;
        self.check(&self.form, &form)
    }

    fn check<K: Hash + Eq + Clone>(&self, limiter: &Keyed<K>, key: &K) -> Result<(), Error> {
        if !self.enabled {
            return Ok(());
        }
        if self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.forget();
        }
        limiter.check_key(key).map_err(|full| Error::RateLimited {
            retry_after: full.wait_time_from(self.clock.now()),
        })
    }

    fn forget(&self) {
        self.sign_in.retain_recent();
        self.account.retain_recent();
        self.registration.retain_recent();
        self.recovery.retain_recent();
        self.visitor.retain_recent();
        self.form.retain_recent();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(last: u8) -> ClientIp {
        ClientIp(IpAddr::from([203, 0, 113, last]))
    }

    #[test]
    fn an_address_is_slowed_down_and_others_are_not() {
        let limits = Limits::new(true);
        for account in ["a", "b", "c"] {
            limits.sign_in(ip(1), account).unwrap();
        }
        let Err(Error::RateLimited { retry_after }) = limits.sign_in(ip(1), "d") else {
            panic!("must be refused")
        };
        assert!(retry_after <= Duration::from_secs(20));
        limits.sign_in(ip(2), "d").unwrap();
    }

    #[test]
    fn an_account_is_protected_from_many_addresses() {
        let limits = Limits::new(true);
        let refused = (0..10)
            .filter(|last| limits.sign_in(ip(*last), " Ada@Example.com").is_err())
            .count();
        assert_eq!(refused, 5);
    }

    #[test]
    fn switched_off_means_off() {
        let limits = Limits::new(false);
        assert!((0..1000).all(|_| limits.registration(ip(1)).is_ok()));
    }
}
