//! Names to addresses, of which only those that may be reached are given to the connection.

use crate::rules::Rules;
use async_trait::async_trait;
use groundswell_domain::egress::FetchError;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Asks for the addresses of a name.
#[async_trait]
pub trait Lookup: Send + Sync {
    async fn lookup(&self, name: &str) -> std::io::Result<Vec<IpAddr>>;
}

/// As this machine resolves names.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn lookup(&self, name: &str) -> std::io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((name, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// An error on its way through the HTTP client, which only passes boxed ones on.
#[derive(Debug)]
pub(crate) struct Passed(pub FetchError);

impl fmt::Display for Passed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Passed {}

pub(crate) struct CheckedResolver {
    pub lookup: Arc<dyn Lookup>,
    pub rules: Arc<Rules>,
    /// The host of the operator's own proxy, which may be anywhere.
    pub proxy: Option<String>,
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookup, rules) = (self.lookup.clone(), self.rules.clone());
        let is_proxy = self.proxy.as_deref() == Some(name.as_str());
        Box::pin(async move {
            let found = lookup.lookup(name.as_str()).await;
            let found = found.unwrap_or_default();
            let mut refused = FetchError::Unresolved(name.as_str().to_owned());
            let mut fine = Vec::new();
            for ip in found {
                match rules.check_ip(ip) {
                    Ok(()) => fine.push(SocketAddr::new(ip, 0)),
                    Err(_) if is_proxy => fine.push(SocketAddr::new(ip, 0)),
                    Err(why) => refused = why,
                }
            }
            if fine.is_empty() {
                return Err(Passed(refused).into());
            }
            Ok(Box::new(fine.into_iter()) as Addrs)
        })
    }
}
