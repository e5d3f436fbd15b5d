//! `/dev/mailbox`: the mails that the outbox kept, for the person at the machine.
//!
//! It shows every organization's mail without a login, so it answers on loopback only, to nobody who came through a
//! proxy, and to no page of elsewhere whose name was made to point here (DNS rebinding). Where people reach the server by
//! another name than this machine's, there may be a proxy that does not tell: then it answers nobody.

use crate::http::ApiState;
use crate::pages::{HtmlError, mail_page, mailbox_page};
use actix_web::http::StatusCode;
use actix_web::http::header::HOST;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use groundswell_app::email;
use groundswell_domain::{Error, MessageId};
use serde::Deserialize;
use url::Host;

const HIDDEN: Error = Error::NotFound { what: "page" };

#[derive(Debug, Deserialize)]
pub(super) struct MailboxQuery {
    /// Only mails older than this one.
    before: Option<String>,
}

pub(super) async fn mailbox(
    state: Data<ApiState>,
    request: HttpRequest,
    query: Query<MailboxQuery>,
) -> Result<HttpResponse, HtmlError> {
    at_this_machine(&request, &state)?;
    let before = query
        .before
        .as_deref()
        .and_then(|id| id.parse::<MessageId>().ok());
    let (mails, next) = email::outbox_list(&state.app, before).await?;
    Ok(mailbox_page(&mails, before.is_some(), next)?.respond(StatusCode::OK))
}

pub(super) async fn mail(
    state: Data<ApiState>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, HtmlError> {
    at_this_machine(&request, &state)?;
    let id = id.parse().map_err(|_| Error::NotFound { what: "mail" })?;
    Ok(mail_page(&email::outbox_mail(&state.app, id).await?)?.respond(StatusCode::OK))
}

fn at_this_machine(request: &HttpRequest, state: &ApiState) -> Result<(), Error> {
    if !state.settings.local {
        return Err(HIDDEN);
    }
    came_from_here(request)
}

fn came_from_here(request: &HttpRequest) -> Result<(), Error> {
    let local = request
        .peer_addr()
        .is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    let proxied = [
        "forwarded",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-real-ip",
        "via",
    ]
    .iter()
    .any(|name| request.headers().contains_key(*name));
    let host = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .or(request.uri().host());
    let named = host.is_none_or(names_this_machine);
    if local && !proxied && named {
        Ok(())
    } else {
        Err(HIDDEN)
    }
}

/// Whether the `Host` header is loopback's.
fn names_this_machine(host: &str) -> bool {
    match url::Url::parse(&format!("http://{host}"))
        .ok()
        .as_ref()
        .and_then(url::Url::host)
    {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn from(peer: &str, headers: &[(&'static str, &str)]) -> bool {
        let mut request = TestRequest::get().peer_addr(peer.parse().unwrap());
        for (name, value) in headers {
            request = request.insert_header((*name, *value));
        }
        came_from_here(&request.to_http_request()).is_ok()
    }

    #[test]
    fn only_who_sits_at_the_machine_sees_it() {
        assert!(from("127.0.0.1:5000", &[("host", "localhost:8080")]));
        assert!(from("[::1]:5000", &[("host", "[::1]:8080")]));
        assert!(from("[::ffff:127.0.0.1]:5000", &[("host", "127.0.0.1")]));
        assert!(!from("10.0.0.9:5000", &[("host", "localhost:8080")]));
        assert!(!from(
            "127.0.0.1:5000",
            &[("host", "localhost"), ("x-forwarded-for", "10.0.0.9")]
        ));
        assert!(!from("127.0.0.1:5000", &[("host", "rebound.example:8080")]));
    }
}
