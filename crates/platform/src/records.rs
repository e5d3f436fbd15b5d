//! The DNS as it is now, for whoever has just set a record: nothing is remembered, neither what was there nor what was not.

use async_trait::async_trait;
use groundswell_domain::email::DnsRecords;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ResolveHosts, ResolverConfig};
use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData};
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

/// For one try at one server, and for an answer, whatever happens.
const TRY: Duration = Duration::from_secs(3);
const WHOLE: Duration = Duration::from_secs(10);

/// Asks name servers.
pub struct FreshRecords {
    resolver: TokioResolver,
}

impl FreshRecords {
    /// Asks these servers; without any, those of the system.
    pub fn new(servers: &[SocketAddr]) -> Result<Self, String> {
        let failed = |error: NetError| format!("the system's name servers can't be found out: {error}");
        let mut builder = if servers.is_empty() {
            TokioResolver::builder_tokio().map_err(failed)?
        } else {
            let servers = servers
                .iter()
                .map(|address| crate::exchangers::server(*address))
                .collect();
            TokioResolver::builder_with_config(
                ResolverConfig::from_name_servers(servers),
                TokioRuntimeProvider::default(),
            )
        };
        let options = builder.options_mut();
        options.timeout = TRY;
        options.attempts = 2;
        options.use_hosts_file = ResolveHosts::Never;
        options.cache_size = 0;
        Ok(Self {
            resolver: builder.build().map_err(failed)?,
        })
    }
}

/// With the dot of the root: no search list is tried.
fn absolute(name: &str) -> Result<Name, String> {
    Name::from_ascii(format!("{name}.")).map_err(|_| format!("{name} is no name of the DNS"))
}

/// The records of an answer; none where the DNS says that there are none.
async fn answer<T>(
    asking: impl Future<Output = Result<Lookup, NetError>>,
    read: impl Fn(&RData) -> Option<T>,
) -> Result<Vec<T>, String> {
    let answered = tokio::time::timeout(WHOLE, asking)
        .await
        .map_err(|_| "no name server answered in time".to_owned())?;
    match answered {
        Ok(found) => Ok(found
            .answers()
            .iter()
            .filter_map(|record| read(&record.data))
            .collect()),
        Err(NetError::Dns(DnsError::NoRecordsFound(nothing)))
            if matches!(
                nothing.response_code,
                ResponseCode::NXDomain | ResponseCode::NoError
            ) =>
        {
            Ok(Vec::new())
        }
        Err(error) => Err(error.to_string()),
    }
}

#[async_trait]
impl DnsRecords for FreshRecords {
    async fn txt(&self, name: &str) -> Result<Vec<String>, String> {
        let asking = self.resolver.txt_lookup(absolute(name)?);
        answer(asking, |data| match data {
            RData::TXT(text) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
            _ => None,
        })
        .await
    }

    async fn mx(&self, name: &str) -> Result<Vec<(u16, String)>, String> {
        let asking = self.resolver.mx_lookup(absolute(name)?);
        let mut found = answer(asking, |data| match data {
            RData::MX(mx) => {
                let name = mx.exchange.to_ascii();
                Some((mx.preference, name.trim_end_matches('.').to_owned()))
            }
            _ => None,
        })
        .await?;
        found.sort();
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use groundswell_testkit::dns_server::{DnsServer, Reply};

    #[tokio::test]
    async fn records_are_whole_and_never_remembered() {
        let server = DnsServer::start().await;
        let records = FreshRecords::new(&[server.address()]).unwrap();
        let name = "gs1._domainkey.example.com";
        assert_eq!(records.txt(name).await, Ok(vec![]), "no such name");
        let long = format!("v=DKIM1; p={}", "A".repeat(392));
        server.on(name, "TXT", Reply::Txt(vec![long.clone(), "other".into()]));
        let mut found = records.txt(name).await.unwrap();
        found.sort();
        assert_eq!(found, ["other".to_owned(), long]);
        server.on(name, "TXT", Reply::Nothing);
        assert_eq!(records.txt(name).await, Ok(vec![]));
        server.on(name, "TXT", Reply::Txt(vec!["x".repeat(3000)]));
        assert_eq!(
            records.txt(name).await,
            Ok(vec!["x".repeat(3000)]),
            "over TCP, if it must"
        );
        server.on(name, "TXT", Reply::ServerFailure);
        assert!(records.txt(name).await.is_err());

        server.on(
            "example.com",
            "MX",
            Reply::Mx(vec![(20, "b.example.com"), (10, "a.example.com")]),
        );
        assert_eq!(
            records.mx("example.com").await,
            Ok(vec![(10, "a.example.com".into()), (20, "b.example.com".into())])
        );
        server.on("example.com", "MX", Reply::Mx(vec![(0, "")]));
        assert_eq!(records.mx("example.com").await, Ok(vec![(0, String::new())]));
    }
}
