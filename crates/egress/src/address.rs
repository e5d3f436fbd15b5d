//! Which addresses are those of the public internet (IANA special-purpose address registries, RFC 6890).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks that are not, with what they are: network, length of the prefix, name.
const PRIVATE_V4: &[([u8; 4], u32, &str)] = &[
    ([0, 0, 0, 0], 8, "this network"),
    ([10, 0, 0, 0], 8, "a private network"),
    ([100, 64, 0, 0], 10, "a carrier's shared network"),
    ([127, 0, 0, 0], 8, "this machine"),
    // Amazon's, Google's, Azure's and others' metadata services are in here.
    ([169, 254, 0, 0], 16, "a link-local network"),
    ([172, 16, 0, 0], 12, "a private network"),
    ([192, 0, 0, 0], 24, "reserved for protocols"),
    ([192, 0, 2, 0], 24, "for documentation"),
    ([192, 88, 99, 0], 24, "a relay of 6to4"),
    ([192, 168, 0, 0], 16, "a private network"),
    ([198, 18, 0, 0], 15, "for benchmarks"),
    ([198, 51, 100, 0], 24, "for documentation"),
    ([203, 0, 113, 0], 24, "for documentation"),
    ([224, 0, 0, 0], 4, "multicast"),
    ([240, 0, 0, 0], 4, "reserved"),
    // Azure's platform, reachable from its machines under a public address.
    ([168, 63, 129, 16], 32, "a cloud's metadata service"),
];

/// Of the one block that is public, `2000::/3`, what is not.
const PRIVATE_V6: &[([u16; 2], u32, &str)] = &[
    // Teredo, ORCHID, benchmarks: tunnels can hide any address.
    ([0x2001, 0], 23, "reserved for protocols"),
    ([0x2001, 0xdb8], 32, "for documentation"),
    ([0x2002, 0], 16, "a tunnel (6to4)"),
    ([0x3fff, 0], 20, "for documentation"),
];

/// What kind of address this is, unless it is public. Addresses that stand for others (mapped, translated) are what they stand for.
pub(crate) fn not_public(ip: IpAddr) -> Option<&'static str> {
    match ip {
        IpAddr::V4(ip) => not_public_v4(ip),
        IpAddr::V6(ip) => not_public_v6(ip),
    }
}

fn not_public_v4(ip: Ipv4Addr) -> Option<&'static str> {
    let found = PRIVATE_V4.iter().find(|(network, length, _)| {
        let mask = u32::MAX << (32 - length);
        (u32::from(ip) ^ u32::from_be_bytes(*network)) & mask == 0
    });
    found.map(|(_, _, name)| *name)
}

fn not_public_v6(ip: Ipv6Addr) -> Option<&'static str> {
    if let Some(inner) = stands_for(ip) {
        return not_public_v4(inner);
    }
    let bits = u128::from(ip);
    let is_in = |network: u128, length: u32| (bits ^ network) & (u128::MAX << (128 - length)) == 0;
    if ip.is_loopback() {
        return Some("this machine");
    }
    if !is_in(0x2000 << 112, 3) {
        return Some("not public");
    }
    let found = PRIVATE_V6.iter().find(|([first, second], length, _)| {
        let network = (u128::from(*first) << 112) | (u128::from(*second) << 96);
        is_in(network, *length)
    });
    found.map(|(_, _, name)| *name)
}

/// The IPv4 address behind `::ffff:a.b.c.d` and behind NAT64's `64:ff9b::a.b.c.d` (RFC 6052).
pub(crate) fn stands_for(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    if let Some(mapped) = ip.to_ipv4_mapped() {
        return Some(mapped);
    }
    let segments = ip.segments();
    let [a, b, c, d] = [
        segments[6] >> 8,
        segments[6] & 0xff,
        segments[7] >> 8,
        segments[7] & 0xff,
    ];
    #[expect(clippy::cast_possible_truncation, reason = "eight bits each")]
    let inner = Ipv4Addr::new(a as u8, b as u8, c as u8, d as u8);
    (segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0]).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_public() {
        for ip in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "168.63.129.16",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:10.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "100::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2002:808:808::1",
            "3fff::1",
            "5f00::1",
        ] {
            assert!(not_public(ip.parse().unwrap()).is_some(), "{ip}");
        }
        for ip in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "126.255.255.255",
            "128.0.0.1",
            "172.15.255.255",
            "172.32.0.1",
            "192.0.1.1",
            "198.17.255.255",
            "198.20.0.1",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2606:4700::1111",
            "2a00:1450:4001:82b::200e",
            "2001:4860:4860::8888",
        ] {
            assert_eq!(not_public(ip.parse().unwrap()), None, "{ip}");
        }
    }
}
