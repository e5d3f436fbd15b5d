//! Verdicts, and what they come to.

use super::{is_disposable, is_role};
use crate::email::EmailAddress;
use crate::email::is_free_mail;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

crate::text_enum::text_enum! {
    /// What one check found.
    Verdict { Yes => "yes", No => "no", Unknown => "unknown" }
}

impl From<bool> for Verdict {
    fn from(found: bool) -> Self {
        if found { Self::Yes } else { Self::No }
    }
}

crate::text_enum::text_enum! {
    /// Whether mail to an address should arrive.
    Deliverable {
        /// Nothing speaks against it.
        Valid => "valid",
        /// It can arrive, and is likely to be thrown away, or to reach a team instead of a person.
        Risky => "risky",
        /// It can't arrive.
        Invalid => "invalid",
        /// Nobody could say yet.
        Unknown => "unknown",
    }
}

/// What the checks of a mail address found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Verification {
    pub deliverable: Deliverable,
    /// Whether its domain takes mail, by the DNS.
    pub mx: Verdict,
    /// Whether its domain lends addresses to be thrown away.
    pub disposable: Verdict,
    /// Whether it belongs to a task (`info@`, `sales@`) and not to a person.
    pub role: Verdict,
    /// Whether anybody can get an address at its domain, so that the domain says nothing about a company.
    pub free_mail: Verdict,
    /// When the DNS was asked; absent until then.
    pub checked_at: Option<DateTime<Utc>>,
}

impl Verification {
    /// What the address alone says. Its syntax was checked when it was read.
    pub fn of(address: &EmailAddress) -> Self {
        let domain = address.ascii_domain();
        Self::found(
            Verdict::Unknown,
            is_disposable(&domain).into(),
            is_role(address.local()).into(),
            is_free_mail(&domain).into(),
            None,
        )
    }

    /// What these verdicts come to.
    pub fn found(
        mx: Verdict,
        disposable: Verdict,
        role: Verdict,
        free_mail: Verdict,
        checked_at: Option<DateTime<Utc>>,
    ) -> Self {
        Self {
            deliverable: Deliverable::Unknown,
            mx,
            disposable,
            role,
            free_mail,
            checked_at,
        }
        .judged()
    }

    /// With the answer of the DNS.
    #[must_use]
    pub fn with_mx(mut self, mx: Verdict, now: DateTime<Utc>) -> Self {
        self.mx = mx;
        self.checked_at = Some(now);
        self.judged()
    }

    fn judged(mut self) -> Self {
        self.deliverable = if self.mx == Verdict::No {
            Deliverable::Invalid
        } else if self.disposable == Verdict::Yes || self.role == Verdict::Yes {
            Deliverable::Risky
        } else if self.mx == Verdict::Yes {
            Deliverable::Valid
        } else {
            Deliverable::Unknown
        };
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_address_says_is_known_at_once_and_the_rest_stays_unknown() {
        let of = |text: &str| Verification::of(&text.parse().unwrap());
        let plain = of("ada@example.com");
        assert_eq!(
            (plain.deliverable, plain.mx),
            (Deliverable::Unknown, Verdict::Unknown)
        );
        assert_eq!(
            (plain.disposable, plain.role, plain.free_mail),
            (Verdict::No, Verdict::No, Verdict::No)
        );
        assert_eq!(plain.checked_at, None);
        let gmail = of("Ada@GMail.com");
        assert_eq!(
            (gmail.free_mail, gmail.deliverable),
            (Verdict::Yes, Deliverable::Unknown)
        );
        let role = of("Info@example.com");
        assert_eq!((role.role, role.deliverable), (Verdict::Yes, Deliverable::Risky));
        let thrown = of("ada@mail.mailinator.com");
        assert_eq!(
            (thrown.disposable, thrown.deliverable),
            (Verdict::Yes, Deliverable::Risky)
        );
    }

    #[test]
    fn the_dns_decides_the_rest() {
        let now = DateTime::UNIX_EPOCH;
        let of = |text: &str, mx| {
            Verification::of(&text.parse().unwrap())
                .with_mx(mx, now)
                .deliverable
        };
        assert_eq!(of("ada@example.com", Verdict::Yes), Deliverable::Valid);
        assert_eq!(of("ada@example.com", Verdict::No), Deliverable::Invalid);
        assert_eq!(of("ada@example.com", Verdict::Unknown), Deliverable::Unknown);
        assert_eq!(of("sales@example.com", Verdict::Yes), Deliverable::Risky);
        assert_eq!(of("sales@example.com", Verdict::No), Deliverable::Invalid);
    }
}
