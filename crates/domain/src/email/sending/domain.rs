//! A domain that an organization sends from.

use super::{CheckOutcome, DomainChecks, MailFrom};
use crate::email::{DkimAlgorithm, host};
use crate::ids::{ClientId, SendingDomainId};
use crate::secrets::Service;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The public half of a key that signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DkimKey {
    /// The name of the key within the domain.
    #[cfg_attr(feature = "openapi", schema(example = "gs1a2b3c"))]
    pub selector: String,
    pub algorithm: DkimAlgorithm,
    /// Base64, as the DNS shows it.
    pub public: String,
}

impl DkimKey {
    /// Where the DNS shows it.
    pub fn name(&self, domain: &str) -> String {
        format!("{}._domainkey.{domain}", self.selector)
    }
}

/// Where the private half of a domain's key is kept among the secrets: a name that people can't take.
pub fn service_of(domain: SendingDomainId, algorithm: DkimAlgorithm) -> Service {
    Service::of_key(&format!("{}-{algorithm}", domain.0.simple()))
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SendingDomain {
    pub id: SendingDomainId,
    /// In ASCII and lower case.
    #[cfg_attr(feature = "openapi", schema(example = "example.com"))]
    pub domain: String,
    /// The client whose domain it is; null for the organization's own.
    pub client_id: Option<ClientId>,
    /// Who mails for this client come from, once the domain is verified. The organization's own mails go by its setting `from`.
    pub from: Option<MailFrom>,
    /// The keys that mails from it are signed with.
    pub keys: Vec<DkimKey>,
    /// What the DNS said last.
    pub checks: DomainChecks,
    /// Since when the DNS shows the keys; null: no mail is sent from it.
    pub verified_at: Option<DateTime<Utc>>,
    /// When the DNS is asked again by itself; null: as soon as possible.
    pub check_at: Option<DateTime<Utc>>,
    /// Whether it may send only so many mails a day, more each day (`email.warmup` of the installation).
    pub warmup: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
}

impl SendingDomain {
    /// Takes over what the DNS said. Where nobody answered about the keys, what was known stays.
    pub fn take(&mut self, checks: DomainChecks, now: DateTime<Utc>) {
        match checks.dkim.status {
            CheckOutcome::Pass => self.verified_at = self.verified_at.or(Some(now)),
            CheckOutcome::Fail => self.verified_at = None,
            CheckOutcome::Unknown => {}
        }
        self.checks = checks;
    }

    /// Whether an address may be the sender's.
    pub fn covers(&self, from: &MailFrom) -> bool {
        self.verified_at.is_some() && from.domain() == self.domain
    }
}

/// A domain's name, in ASCII and lower case, without the dot of the root.
pub fn sending_name(text: &str) -> Result<String, String> {
    let text = text.trim().trim_end_matches('.');
    host::ascii(text).ok_or_else(|| "must be the name of a domain, such as example.com".into())
}

/// The part of a domain that somebody can register; `None` when it has none, because it is a public suffix itself.
pub fn registrable(domain: &str) -> Option<&str> {
    psl::domain_str(domain)
}

crate::sort_fields! {
    /// How sending domains can be ordered.
    SendingDomainSort { CreatedAt => "created_at": Time, Domain => "domain": Text }
}

#[cfg(test)]
impl SendingDomain {
    pub(super) fn for_tests(domain: &str) -> Self {
        Self {
            id: uuid::Uuid::nil().into(),
            domain: domain.into(),
            client_id: None,
            from: None,
            keys: Vec::new(),
            checks: DomainChecks::default(),
            verified_at: None,
            check_at: None,
            warmup: false,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
            version: 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::email::Check;

    #[test]
    fn a_domain_is_verified_as_long_as_the_dns_does_not_deny_it() {
        let now = DateTime::UNIX_EPOCH;
        let mut domain = SendingDomain::for_tests("example.com");
        let from = |address: &str| MailFrom {
            name: String::new(),
            address: address.parse().unwrap(),
        };
        let checks = |dkim| DomainChecks {
            dkim,
            ..DomainChecks::default()
        };
        assert!(!domain.covers(&from("a@example.com")));
        domain.take(checks(Check::pass("")), now);
        assert!(domain.covers(&from("a@Example.com")) && !domain.covers(&from("a@www.example.com")));
        domain.take(checks(Check::unknown("")), now + chrono::TimeDelta::days(1));
        assert_eq!(domain.verified_at, Some(now));
        domain.take(checks(Check::fail("")), now);
        assert_eq!(domain.verified_at, None);
    }
}
