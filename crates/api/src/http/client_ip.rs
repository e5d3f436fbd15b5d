//! Where a request comes from.

use super::error::ApiError;
use super::state::ApiState;
use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr};

/// An address or a network of proxies.
pub type Network = ipnet::IpNet;

/// The visitor's address: the peer's, or what a trusted proxy says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientIp(pub IpAddr);

impl ClientIp {
    pub(crate) fn of(request: &HttpRequest, trusted: &[Network]) -> Self {
        let peer = request
            .peer_addr()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| {
                address.ip().to_canonical()
            });
        let is_trusted = |ip: &IpAddr| trusted.iter().any(|network| network.contains(ip));
        if !is_trusted(&peer) {
            return Self(peer);
        }
        // Each proxy adds who it got the request from at the end; the first that is none of ours is the visitor.
        let forwarded = request
            .headers()
            .get_all("x-forwarded-for")
            .filter_map(|value| value.to_str().ok());
        let hops: Vec<&str> = forwarded
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .collect();
        let visitor = hops
            .iter()
            .rev()
            .map_while(|hop| hop.parse().ok())
            .find(|ip| !is_trusted(ip));
        Self(visitor.map_or(peer, |ip: IpAddr| ip.to_canonical()))
    }

    /// What limits count by: an IPv6 customer has a whole /64.
    pub(super) fn bucket(self) -> IpAddr {
        match self.0 {
            IpAddr::V4(_) => self.0,
            IpAddr::V6(ip) => IpAddr::V6((u128::from(ip) & (u128::MAX << 64)).into()),
        }
    }
}

impl FromRequest for ClientIp {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let state = request.app_data::<Data<ApiState>>();
        let trusted = state.map_or(&[][..], |state| state.settings.trusted_proxies.as_slice());
        ready(Ok(Self::of(request, trusted)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn ip(peer: &str, forwarded: &str) -> String {
        let request = TestRequest::get()
            .peer_addr(format!("{peer}:1").parse().unwrap())
            .insert_header(("x-forwarded-for", forwarded))
            .to_http_request();
        ClientIp::of(&request, &["10.0.0.0/8".parse().unwrap()])
            .0
            .to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(ip("203.0.113.7", "1.2.3.4"), "203.0.113.7");
        assert_eq!(ip("10.0.0.1", "1.2.3.4"), "1.2.3.4");
        assert_eq!(ip("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2"), "1.2.3.4");
        assert_eq!(ip("10.0.0.1", "nonsense"), "10.0.0.1");
    }
}
