//! Where an API key may be used from.

use ipnet::{IpNet, Ipv4Net};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// One address, or a network in CIDR notation (RFC 4632).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct IpRange(IpNet);

impl IpRange {
    /// An IPv4 address that is written as an IPv6 one is the IPv4 address.
    pub fn contains(self, ip: IpAddr) -> bool {
        self.0.contains(&ip.to_canonical())
    }
}

impl FromStr for IpRange {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let network = text
            .parse::<IpNet>()
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            .map_err(|_| "must be an address or a network, for example 203.0.113.7 or 203.0.113.0/24")?
            .trunc();
        Ok(Self(as_ipv4(network).map_or(network, IpNet::V4)))
    }
}

/// A network of IPv4 addresses that is written with IPv6 ones (RFC 4291, section 2.5.5.2): no address would ever be found
/// in it, for they are compared in their short form.
fn as_ipv4(network: IpNet) -> Option<Ipv4Net> {
    let IpNet::V6(network) = network else { return None };
    let bits = network.prefix_len().checked_sub(96)?;
    Ipv4Net::new(network.addr().to_ipv4_mapped()?, bits).ok()
}

impl fmt::Display for IpRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for IpRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for IpRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> IpRange {
        text.parse().unwrap()
    }

    #[test]
    fn networks_and_addresses_are_read_and_written_in_one_form() {
        for (text, written) in [
            ("203.0.113.7", "203.0.113.7/32"),
            (" 10.1.2.3/8 ", "10.0.0.0/8"),
            ("2001:DB8::1", "2001:db8::1/128"),
            ("::ffff:10.1.2.3/104", "10.0.0.0/8"),
            ("::ffff:10.1.2.3", "10.1.2.3/32"),
            ("::/0", "::/0"),
        ] {
            assert_eq!(range(text).to_string(), written);
            assert_eq!(range(written), range(text));
        }
        for wrong in [
            "",
            "10.0.0.0/33",
            "10.0.0",
            "localhost",
            "10.0.0.1-10.0.0.9",
            "10.0.0.0/-1",
        ] {
            assert!(wrong.parse::<IpRange>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_address_is_in_it_or_not() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let office = range("203.0.113.0/24");
        assert!(office.contains(ip("203.0.113.255")) && office.contains(ip("::ffff:203.0.113.1")));
        assert!(!office.contains(ip("203.0.114.0")) && !office.contains(ip("2001:db8::1")));
        assert!(!range("::/0").contains(ip("10.0.0.1")), "all of IPv6 is not IPv4");
    }
}
