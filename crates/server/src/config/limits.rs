//! The section `limits`.

use groundswell_api::LimitSettings;
use groundswell_domain::limits::Rate;
use secrecy::SecretString;
use serde::Deserialize;
use std::time::Duration;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    pub enabled: bool,
    pub redis_url: SecretString,
    pub redis_timeout_ms: u64,
    pub read: PerMinute,
    pub write: PerMinute,
    pub heavy: PerMinute,
    pub address: PerMinute,
    pub public: PerMinute,
    pub sign_in: PerMinute,
    pub registration: PerHour,
    pub recovery: PerHour,
    pub public_form: PerMinute,
    pub form: PerMinute,
    pub json_body: usize,
    pub upload: usize,
    pub import_bytes: usize,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerMinute {
    pub per_minute: u32,
    pub burst: u32,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerHour {
    pub per_hour: u32,
    pub burst: u32,
}

impl PerMinute {
    fn rate(self) -> Rate {
        Rate::new(self.per_minute, Duration::from_mins(1), self.burst)
    }
}

impl PerHour {
    fn rate(self) -> Rate {
        Rate::new(self.per_hour, Duration::from_hours(1), self.burst)
    }
}

impl Limits {
    /// As the API takes them.
    pub fn settings(&self) -> LimitSettings {
        LimitSettings {
            enabled: self.enabled,
            sign_in: self.sign_in.rate(),
            registration: self.registration.rate(),
            recovery: self.recovery.rate(),
            public_form: self.public_form.rate(),
            form: self.form.rate(),
            public: self.public.rate(),
            read: self.read.rate(),
            write: self.write.rate(),
            heavy: self.heavy.rate(),
            address: self.address.rate(),
        }
    }

    /// No limit can be zero: it would close what it limits.
    pub(super) fn check(&self) -> Result<(), String> {
        let minute = |rate: PerMinute| rate.per_minute.min(rate.burst);
        let hour = |rate: PerHour| rate.per_hour.min(rate.burst);
        let all = [
            ("read", minute(self.read)),
            ("write", minute(self.write)),
            ("heavy", minute(self.heavy)),
            ("address", minute(self.address)),
            ("public", minute(self.public)),
            ("sign_in", minute(self.sign_in)),
            ("registration", hour(self.registration)),
            ("recovery", hour(self.recovery)),
            ("public_form", minute(self.public_form)),
            ("form", minute(self.form)),
        ];
        match all.iter().find(|(_, least)| *least == 0) {
            Some((name, _)) => Err(format!(
                "the setting limits.{name}: its rate and its burst must be at least 1"
            )),
            None => Ok(()),
        }
    }
}
