//! The section `egress`.

use groundswell_egress::EgressSettings;
use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::net::IpAddr;
use url::Url;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Egress {
    pub allow: Vec<String>,
    pub ports: Vec<u16>,
    /// May have a password in it.
    pub proxy: SecretString,
}

impl Egress {
    /// As the client takes them.
    pub fn settings(&self, public_url: &Url) -> Result<EgressSettings, String> {
        Ok(EgressSettings {
            allow: self.networks()?,
            ports: self.ports.clone(),
            proxy: self.proxy()?,
            user_agent: format!("Groundswell/{} (+{public_url})", env!("CARGO_PKG_VERSION")),
        })
    }

    pub(super) fn check(&self) -> Result<(), String> {
        self.networks()?;
        self.proxy()?;
        if self.ports.is_empty() {
            return Err("the setting egress.ports must name at least one port".into());
        }
        Ok(())
    }

    fn networks(&self) -> Result<Vec<IpNet>, String> {
        let read = |text: &String| {
            let network = text.parse::<IpNet>().ok();
            let network = network.or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
            network.ok_or_else(|| {
                format!(
                    "the setting egress.allow: {text} is no network, such as 10.20.0.0/16, and no address"
                )
            })
        };
        self.allow.iter().map(read).collect()
    }

    fn proxy(&self) -> Result<Option<Url>, String> {
        let text = self.proxy.expose_secret();
        if text.is_empty() {
            return Ok(None);
        }
        // Without the text, which may have a password in it.
        Url::parse(text)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some())
            .map(Some)
            .ok_or_else(|| {
                "the setting egress.proxy must be an address like http://proxy.example.com:3128".into()
            })
    }
}
