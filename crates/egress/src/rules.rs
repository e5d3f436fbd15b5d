//! Whom we may ask.

use crate::address::{not_public, stands_for};
use groundswell_domain::egress::FetchError;
use ipnet::IpNet;
use std::net::IpAddr;
use url::{Host, Url};

/// What the operator decided.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    /// Networks that may be reached although they are not public.
    pub allow: Vec<IpNet>,
    pub ports: Vec<u16>,
}

impl Rules {
    /// Refuses what must not even be looked up: for each hop.
    pub fn check(&self, url: &Url) -> Result<(), FetchError> {
        let refuse = |why: String| Err(FetchError::Refused(why));
        if !matches!(url.scheme(), "http" | "https") {
            return refuse(format!(
                "an address must start with https:// or http://, not {}:",
                url.scheme()
            ));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("an address must not have a user or a password in it".into());
        }
        let port = url.port_or_known_default().unwrap_or_default();
        if !self.ports.contains(&port) {
            let ports: Vec<_> = self.ports.iter().map(u16::to_string).collect();
            return refuse(format!(
                "the port {port} is not one of those that may be asked: {}",
                ports.join(", ")
            ));
        }
        match url.host() {
            None => refuse("an address must name a server".into()),
            Some(Host::Ipv4(ip)) => self.check_ip(ip.into()),
            Some(Host::Ipv6(ip)) => self.check_ip(ip.into()),
            // The resolver has the last word.
            Some(Host::Domain(_)) => Ok(()),
        }
    }

    /// Refuses addresses that are not public, unless they are allowed.
    pub fn check_ip(&self, ip: IpAddr) -> Result<(), FetchError> {
        let Some(kind) = not_public(ip) else {
            return Ok(());
        };
        let meant = match ip {
            IpAddr::V6(v6) => stands_for(v6).map_or(ip, IpAddr::V4),
            IpAddr::V4(_) => ip,
        };
        if self.allow.iter().any(|network| network.contains(&meant)) {
            return Ok(());
        }
        Err(FetchError::Refused(format!(
            "the server's address {ip} is not of the public internet ({kind})"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(allow: &[&str]) -> Rules {
        Rules {
            allow: allow.iter().map(|net| net.parse().unwrap()).collect(),
            ports: vec![80, 443, 8080],
        }
    }

    #[test]
    fn odd_spellings_are_the_addresses_that_they_mean() {
        for url in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://0x7f.1/",
            "http://2130706433/",
            "http://017700000001/",
            "http://0x7f000001/",
            "http://0177.0.0.1/",
            "http://127.0.0.1./",
            "http://%31%32%37.0.0.1/",
            "http://１２７.0.0.1/",
            "http://0/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://169.254.169.254/latest/meta-data/",
            "http://[fd00:ec2::254]/",
            "http://10.1.2.3:8080/",
        ] {
            let refused = rules(&[]).check(&Url::parse(url).unwrap());
            assert!(
                matches!(refused, Err(FetchError::Refused(_))),
                "{url}: {refused:?}"
            );
        }
        assert_eq!(rules(&[]).check(&Url::parse("https://8.8.8.8/").unwrap()), Ok(()));
    }

    #[test]
    fn what_is_allowed_is_allowed_in_every_spelling_and_nothing_else() {
        let rules = rules(&["127.0.0.0/8"]);
        for url in ["http://127.1/", "http://[::ffff:127.0.0.1]/"] {
            assert_eq!(rules.check(&Url::parse(url).unwrap()), Ok(()), "{url}");
        }
        for url in ["http://10.0.0.1/", "http://[::1]/"] {
            assert!(rules.check(&Url::parse(url).unwrap()).is_err(), "{url}");
        }
    }

    #[test]
    fn schemes_ports_and_users_are_checked() {
        for (url, why) in [
            ("ftp://x.example/", "https://"),
            ("file:///etc/passwd", "https://"),
            ("gopher://x.example:80/", "https://"),
            ("https://x.example:22/", "port 22"),
            ("http://x.example:6379/", "port 6379"),
            ("https://ada:pw@x.example/", "password"),
            ("https://ada@x.example/", "user"),
        ] {
            let said = rules(&[])
                .check(&Url::parse(url).unwrap())
                .unwrap_err()
                .to_string();
            assert!(said.contains(why), "{url}: {said}");
        }
        assert_eq!(
            rules(&[]).check(&Url::parse("http://x.example:8080/").unwrap()),
            Ok(())
        );
    }
}
