//! What callers send, and what they get.

use groundswell_domain::email::{DkimAlgorithm, DnsRecord, MailFrom, SendingDomain, records};
use groundswell_domain::{ClientId, Patch};
use serde::{Deserialize, Serialize};

/// A domain to send from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewDomain {
    #[cfg_attr(feature = "openapi", schema(example = "example.com"))]
    pub domain: String,
    /// Whose domain it is, if it is a client's.
    #[serde(default)]
    pub client_id: Option<ClientId>,
    /// Who mails for that client come from; an address at this domain.
    #[serde(default)]
    pub from: Option<MailFrom>,
    /// Which keys to make; `["rsa"]` when absent. `ed25519` can stand beside it: mails are then signed by both.
    #[serde(default)]
    pub algorithms: Option<Vec<DkimAlgorithm>>,
    /// Whether it begins with few mails a day, and sends more each day. False when absent.
    #[serde(default)]
    pub warmup: bool,
}

/// Changes of a domain; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DomainPatch {
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<MailFrom>))]
    pub from: Patch<MailFrom>,
    #[serde(default)]
    pub warmup: Option<bool>,
}

/// A domain, and what its owner sets in the DNS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DomainView {
    #[serde(flatten)]
    pub domain: SendingDomain,
    /// The records, exactly as they have to be. Where there is an SPF record already, its mechanisms are added to that one.
    pub records: Vec<DnsRecord>,
    /// What was not right when the DNS was last asked, each with what to do; empty when all was.
    pub troubles: Vec<String>,
}

impl DomainView {
    pub(super) fn of(domain: SendingDomain, spf: &str) -> Self {
        Self {
            records: records(&domain, spf),
            troubles: domain.checks.troubles(),
            domain,
        }
    }
}
