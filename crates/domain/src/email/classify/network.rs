//! Where a request came from, as far as that may be kept.

use ipnet::IpNet;
use serde::{Serialize, Serializer};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::LazyLock;

/// The network of an address: 256 of IPv4, or a site of IPv6 (/48). Of whom it was, that tells no more than a provider or a company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(IpNet);

crate::text_enum::text_enum! {
    /// What is known to run in a network.
    NetworkKind {
        Scanner => "scanner",
        Proxy => "proxy",
        Prefetch => "prefetch",
    }
}

static KNOWN: LazyLock<Vec<(IpNet, NetworkKind)>> = LazyLock::new(|| {
    include_str!("../../../data/mail_networks.tsv")
        .lines()
        .filter_map(|line| {
            let mut cells = line.split('\t');
            let kind = cells.next()?.parse().ok()?;
            Some((cells.next()?.parse().ok()?, kind))
        })
        .collect()
});

impl Network {
    pub fn of(ip: IpAddr) -> Self {
        let ip = ip.to_canonical();
        let bits = if ip.is_ipv4() { 24 } else { 48 };
        Self(IpNet::new_assert(ip, bits).trunc())
    }

    pub fn kind(self) -> Option<NetworkKind> {
        KNOWN
            .iter()
            .find(|(network, _)| network.contains(&self.0))
            .map(|(_, kind)| *kind)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Network {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for Network {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        text.parse()
            .map(Self)
            .map_err(|_| format!("{text} is no network"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_can_be_read_and_is_no_smaller_than_what_is_kept() {
        let lines = include_str!("../../../data/mail_networks.tsv").lines().count();
        assert_eq!(KNOWN.len(), lines);
        for (network, _) in KNOWN.iter() {
            let most = if network.addr().is_ipv4() { 24 } else { 48 };
            assert!(
                network.prefix_len() <= most && network.trunc() == *network,
                "{network}"
            );
        }
    }

    #[test]
    fn every_line_says_who_says_so_and_when() {
        for line in include_str!("../../../data/mail_networks.tsv").lines() {
            let cells: Vec<&str> = line.split('\t').collect();
            let [_, _, whose, source, verified_at] = cells[..] else {
                panic!("{line}: five cells with tabs between them");
            };
            assert!(!whose.is_empty() && source.len() > 10, "{line}");
            assert!(verified_at.parse::<chrono::NaiveDate>().is_ok(), "{line}");
        }
        for (place, (network, _)) in KNOWN.iter().enumerate() {
            let twice = KNOWN[place + 1..]
                .iter()
                .find(|(other, _)| other.contains(network) || network.contains(other));
            assert_eq!(twice, None, "{network} is in it twice");
        }
    }

    #[test]
    fn only_the_network_of_an_address_is_kept() {
        let of = |ip: &str| Network::of(ip.parse().unwrap());
        assert_eq!(of("203.0.113.77").to_string(), "203.0.113.0/24");
        assert_eq!(of("::ffff:203.0.113.77").to_string(), "203.0.113.0/24");
        assert_eq!(of("2001:db8:1:2::9").to_string(), "2001:db8:1::/48");
        assert_eq!("203.0.113.0/24".parse(), Ok(of("203.0.113.1")));
        assert_eq!(of("40.92.1.2").kind(), Some(NetworkKind::Scanner));
        assert_eq!(of("17.58.1.2").kind(), Some(NetworkKind::Prefetch));
        assert_eq!(of("66.249.93.7").kind(), Some(NetworkKind::Proxy));
        assert_eq!(of("2001:4860:4801:4010::1").kind(), Some(NetworkKind::Proxy));
        assert_eq!(of("66.249.66.1").kind(), None, "Googlebot reads no mails");
        assert_eq!(of("203.0.113.77").kind(), None);
    }
}
