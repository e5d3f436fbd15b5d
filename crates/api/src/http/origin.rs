//! Where a request comes from, for the audit log.

use super::client_ip::ClientIp;
use super::state::ApiState;
use actix_web::HttpRequest;
use actix_web::http::header::USER_AGENT;
use groundswell_domain::Origin;

pub(crate) fn origin(request: &HttpRequest, state: &ApiState) -> Origin {
    let user_agent = request
        .headers()
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok());
    Origin {
        ip: Some(ClientIp::of(request, &state.settings.trusted_proxies).0),
        user_agent: user_agent.map(str::to_owned),
    }
}
