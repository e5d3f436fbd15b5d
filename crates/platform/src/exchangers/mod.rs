//! Which domains take mail, as the DNS says.
//!
//! Plain DNS over UDP, and TCP where an answer is too long: nothing is concluded from an answer but a flag on a lead. Answers are
//! remembered for as long as they say themselves, an hour at least and a day at most, those of nobody included.

use async_trait::async_trait;
use groundswell_domain::email::{MailExchangers, Verdict};
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData};
use std::net::SocketAddr;
use std::time::Duration;

#[cfg(test)]
mod tests;

/// For one try at one server.
const TRY: Duration = Duration::from_secs(3);
/// For a verdict, whatever happens.
const WHOLE: Duration = Duration::from_secs(15);
/// Domains that are remembered.
const REMEMBERED: u64 = 20_000;
const LEAST: Duration = Duration::from_hours(1);
const MOST: Duration = Duration::from_hours(24);

/// Asks name servers.
pub struct DnsExchangers {
    resolver: TokioResolver,
    whole: Duration,
}

impl DnsExchangers {
    /// Asks these servers; without any, those of the system.
    pub fn new(servers: &[SocketAddr]) -> Result<Self, String> {
        Self::within(servers, TRY, WHOLE)
    }

    fn within(servers: &[SocketAddr], once: Duration, whole: Duration) -> Result<Self, String> {
        let failed = |error: NetError| format!("the system's name servers can't be found out: {error}");
        let mut builder = if servers.is_empty() {
            TokioResolver::builder_tokio().map_err(failed)?
        } else {
            let servers = servers.iter().map(|address| server(*address)).collect();
            TokioResolver::builder_with_config(
                ResolverConfig::from_name_servers(servers),
                TokioRuntimeProvider::default(),
            )
        };
        let options = builder.options_mut();
        options.timeout = once;
        options.attempts = 2;
        // Names of this machine and its network are no mail domains.
        options.use_hosts_file = ResolveHosts::Never;
        options.cache_size = REMEMBERED;
        options.positive_min_ttl = Some(LEAST);
        options.positive_max_ttl = Some(MOST);
        options.negative_min_ttl = Some(LEAST);
        options.negative_max_ttl = Some(MOST);
        let resolver = builder.build().map_err(failed)?;
        Ok(Self { resolver, whole })
    }

    async fn ask(&self, name: Name) -> Verdict {
        match self.resolver.mx_lookup(name.clone()).await {
            Ok(found) => match by_exchangers(&found) {
                Some(verdict) => verdict,
                None => self.by_addresses(name).await,
            },
            Err(error) => match without(&error) {
                Some(ResponseCode::NXDomain) => Verdict::No,
                Some(_) => self.by_addresses(name).await,
                None => Verdict::Unknown,
            },
        }
    }

    /// Without exchangers mail goes to the domain's own address (RFC 5321, section 5.1).
    async fn by_addresses(&self, name: Name) -> Verdict {
        let four = self.resolver.ipv4_lookup(name.clone()).await;
        if four
            .as_ref()
            .is_ok_and(|found| has(found, |data| matches!(data, RData::A(_))))
        {
            return Verdict::Yes;
        }
        let six = self.resolver.ipv6_lookup(name).await;
        if six
            .as_ref()
            .is_ok_and(|found| has(found, |data| matches!(data, RData::AAAA(_))))
        {
            return Verdict::Yes;
        }
        let nothing = |answer: &Result<Lookup, NetError>| match answer {
            Ok(_) => true,
            Err(error) => without(error).is_some(),
        };
        if nothing(&four) && nothing(&six) {
            Verdict::No
        } else {
            Verdict::Unknown
        }
    }
}

pub(crate) fn server(address: SocketAddr) -> NameServerConfig {
    let mut connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
    for connection in &mut connections {
        connection.port = address.port();
    }
    NameServerConfig::new(address.ip(), true, connections.to_vec())
}

/// `None` when there is no exchanger among the records. A single one without a name refuses all mail (RFC 7505).
fn by_exchangers(found: &Lookup) -> Option<Verdict> {
    let mut exchangers = found.answers().iter().filter_map(|record| match &record.data {
        RData::MX(mx) => Some(!mx.exchange.is_root()),
        _ => None,
    });
    let first = exchangers.next()?;
    Some((first || exchangers.any(|named| named)).into())
}

fn has(found: &Lookup, kind: impl Fn(&RData) -> bool) -> bool {
    found.answers().iter().any(|record| kind(&record.data))
}

/// The code of an answer that there is nothing; `None` for what is no answer.
fn without(error: &NetError) -> Option<ResponseCode> {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(nothing)) => match nothing.response_code {
            code @ (ResponseCode::NXDomain | ResponseCode::NoError) => Some(code),
            _ => None,
        },
        _ => None,
    }
}

#[async_trait]
impl MailExchangers for DnsExchangers {
    async fn takes_mail(&self, domain: &str) -> Verdict {
        // With the dot of the root: no search list is tried.
        let Ok(name) = Name::from_ascii(format!("{domain}.")) else {
            return Verdict::No;
        };
        tokio::time::timeout(self.whole, self.ask(name))
            .await
            .unwrap_or(Verdict::Unknown)
    }
}

/// Asks nobody: for installations without a DNS, or which may not use it.
pub struct NoExchangers;

#[async_trait]
impl MailExchangers for NoExchangers {
    async fn takes_mail(&self, _domain: &str) -> Verdict {
        Verdict::Unknown
    }
}
