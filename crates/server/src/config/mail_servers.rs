//! Servers that mail leaves by, and what is done when receivers push back.

use groundswell_domain::email::ThrottleRules;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::collections::BTreeSet;
use url::{Host, Url};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerKind {
    Smtp,
    Sendgrid,
    Mailgun,
    Resend,
    Ses,
}

impl ServerKind {
    /// Whose webhooks tell of the mails that leave by it.
    pub fn provider(self) -> Option<&'static str> {
        match self {
            Self::Smtp => None,
            Self::Sendgrid => Some("sendgrid"),
            Self::Mailgun => Some("mailgun"),
            Self::Resend => Some("resend"),
            Self::Ses => Some("ses"),
        }
    }
}

/// One of `email.servers`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailServer {
    pub name: String,
    pub kind: ServerKind,
    #[serde(default)]
    pub url: SecretString,
    #[serde(default)]
    pub key: SecretString,
    #[serde(default)]
    pub domain: Option<String>,
    #[serde(default)]
    pub region: Option<String>,
    #[serde(default)]
    pub configuration_set: Option<String>,
    #[serde(default = "one")]
    pub weight: u32,
    #[serde(default)]
    pub per_second: Option<f64>,
    #[serde(default)]
    pub per_minute: Option<f64>,
    #[serde(default)]
    pub connections: Option<usize>,
}

fn one() -> u32 {
    1
}

/// `email.throttle`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Throttle {
    pub start: f64,
    pub least: f64,
    pub step: f64,
    pub free: f64,
    pub complaints: u32,
    pub complaint_share: f64,
}

impl Throttle {
    pub(super) fn check(&self) -> Result<(), String> {
        let fine = self.least >= 1.0
            && self.least <= self.start
            && self.start < self.free
            && self.step > 0.0
            && self.free.is_finite();
        if !(0.0..=1.0).contains(&self.complaint_share) {
            return Err("the setting email.throttle.complaint_share must be 0 to 1: a share of the mails, such as 0.003".into());
        }
        if fine {
            return Ok(());
        }
        Err("the setting email.throttle must have 1 <= least <= start < free, and a step above 0".into())
    }

    pub fn rules(&self) -> ThrottleRules {
        ThrottleRules {
            start: self.start,
            least: self.least,
            step: self.step,
            free: self.free,
            complaints: self.complaints,
            complaint_share: self.complaint_share,
        }
    }
}

/// Names what is wrong by the name of the server, and never shows a key.
pub(super) fn check(servers: &[MailServer]) -> Result<(), String> {
    let mut names = BTreeSet::new();
    for server in servers {
        let name = &server.name;
        let wrong = |what: &str| Err(format!("the server {name:?} of email.servers {what}"));
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || name.len() > 50 || !name.chars().all(plain) {
            return wrong("needs a name of letters, digits, dashes, underscores and dots");
        }
        if !names.insert(name) {
            return wrong("is there twice");
        }
        let rates = [server.per_second, server.per_minute];
        if rates.iter().flatten().count() > 1 {
            return wrong("may have per_second or per_minute, not both");
        }
        if rates
            .iter()
            .flatten()
            .any(|rate| !rate.is_finite() || *rate <= 0.0)
        {
            return wrong("needs a rate above 0");
        }
        if server.connections == Some(0) {
            return wrong("needs at least one connection");
        }
        let has = |value: &Option<String>| value.as_ref().is_some_and(|text| !text.is_empty());
        let url = server.url.expose_secret();
        if server.kind == ServerKind::Smtp {
            if url.is_empty() {
                return wrong("needs a url: smtp://user:password@host:port");
            }
        } else {
            if server.key.expose_secret().is_empty() {
                return wrong("needs a key");
            }
            if !url.is_empty() && !is_private_way(url) {
                return wrong("has a url that is not https://");
            }
        }
        if server.kind == ServerKind::Mailgun && !has(&server.domain) {
            return wrong("needs its domain, as it is set up at Mailgun");
        }
        if server.kind == ServerKind::Ses && !has(&server.region) {
            return wrong("needs its region, such as eu-central-1");
        }
    }
    Ok(())
}

/// Encrypted, or to this machine itself: the key goes along.
fn is_private_way(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| {
        url.scheme() == "https"
            || (url.scheme() == "http"
                && match url.host() {
                    Some(Host::Ipv4(ip)) => ip.is_loopback(),
                    Some(Host::Ipv6(ip)) => ip.is_loopback(),
                    _ => false,
                })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn checked(servers: serde_json::Value) -> Result<(), String> {
        let servers: Vec<MailServer> = serde_json::from_value(servers).unwrap();
        check(&servers)
    }

    #[test]
    fn a_server_has_what_its_kind_needs() {
        checked(json!([
            { "name": "relay", "kind": "smtp", "url": "smtp://relay.example.com", "weight": 3, "per_second": 10.0 },
            { "name": "sg", "kind": "sendgrid", "key": "SG.x" },
            { "name": "mg", "kind": "mailgun", "key": "x", "domain": "mg.example.com" },
            { "name": "rs", "kind": "resend", "key": "x", "url": "http://127.0.0.1:9000" },
            { "name": "ses", "kind": "ses", "key": "a:b", "region": "eu-central-1", "weight": 0 },
        ]))
        .unwrap();
        for (server, reason) in [
            (
                json!({ "name": "", "kind": "smtp", "url": "smtp://x" }),
                "needs a name",
            ),
            (json!({ "name": "a", "kind": "smtp" }), "needs a url"),
            (json!({ "name": "a", "kind": "sendgrid" }), "needs a key"),
            (
                json!({ "name": "a", "kind": "mailgun", "key": "s3cret" }),
                "needs its domain",
            ),
            (
                json!({ "name": "a", "kind": "ses", "key": "s3cret" }),
                "needs its region",
            ),
            (
                json!({ "name": "a", "kind": "resend", "key": "s3cret", "url": "http://api.example.com" }),
                "not https",
            ),
            (
                json!({ "name": "a", "kind": "resend", "key": "s3cret", "per_second": 1.0, "per_minute": 1.0 }),
                "not both",
            ),
            (
                json!({ "name": "a", "kind": "resend", "key": "s3cret", "per_second": 0.0 }),
                "above 0",
            ),
            (
                json!({ "name": "a", "kind": "resend", "key": "s3cret", "connections": 0 }),
                "one connection",
            ),
        ] {
            let error = checked(json!([server])).unwrap_err();
            assert!(error.contains(reason) && !error.contains("s3cret"), "{error}");
        }
        let twice = json!([
            { "name": "a", "kind": "smtp", "url": "smtp://x" },
            { "name": "a", "kind": "smtp", "url": "smtp://y" },
        ]);
        assert!(checked(twice).unwrap_err().contains("twice"));
    }
}
