//! What a look at the DNS found.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

crate::text_enum::text_enum! {
    /// How one thing is.
    CheckOutcome {
        Pass => "pass",
        Fail => "fail",
        /// Nobody looked yet, or no name server answered.
        Unknown => "unknown",
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Check {
    pub status: CheckOutcome,
    /// What was found, and what to do if it is not right.
    pub reason: String,
}

impl Check {
    pub fn pass(reason: impl Into<String>) -> Self {
        Self {
            status: CheckOutcome::Pass,
            reason: reason.into(),
        }
    }

    pub fn fail(reason: impl Into<String>) -> Self {
        Self {
            status: CheckOutcome::Fail,
            reason: reason.into(),
        }
    }

    pub fn unknown(reason: impl Into<String>) -> Self {
        Self {
            status: CheckOutcome::Unknown,
            reason: reason.into(),
        }
    }

    /// No name server answered.
    pub fn unanswered(name: &str, trouble: &str) -> Self {
        Self::unknown(format!("{name} could not be looked up: {trouble}"))
    }

    pub fn is_good(&self) -> bool {
        self.status == CheckOutcome::Pass
    }
}

/// Everything that is looked at, as of one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DomainChecks {
    /// Who may send for the domain (RFC 7208).
    pub spf: Check,
    /// That the DNS shows our keys (RFC 6376). This one decides whether mail is sent from the domain.
    pub dkim: Check,
    /// What receivers do with mail that is not signed by the domain that people see, and that ours is (RFC 7489).
    pub dmarc: Check,
    /// Whether answers and bounces to the domain arrive.
    pub mx: Check,
    /// When the DNS was asked; absent until then.
    pub checked_at: Option<DateTime<Utc>>,
}

impl Default for DomainChecks {
    fn default() -> Self {
        let never = || Check::unknown("not looked at yet");
        Self {
            spf: never(),
            dkim: never(),
            dmarc: never(),
            mx: never(),
            checked_at: None,
        }
    }
}

impl DomainChecks {
    /// What is not right, each with its reason; nothing when all is.
    pub fn troubles(&self) -> Vec<String> {
        let failed = self
            .each()
            .into_iter()
            .filter(|(_, check)| check.status == CheckOutcome::Fail);
        failed
            .map(|(name, check)| format!("{name}: {}", check.reason))
            .collect()
    }

    /// The names of what is not right.
    pub fn failing(&self) -> Vec<&'static str> {
        let failed = self
            .each()
            .into_iter()
            .filter(|(_, check)| check.status == CheckOutcome::Fail);
        failed.map(|(name, _)| name).collect()
    }

    /// By their names.
    pub fn each(&self) -> [(&'static str, &Check); 4] {
        [
            ("SPF", &self.spf),
            ("DKIM", &self.dkim),
            ("DMARC", &self.dmarc),
            ("MX", &self.mx),
        ]
    }
}
