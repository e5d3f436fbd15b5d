//! Which pages of other sites may read our answers (Fetch standard, "CORS protocol").
//!
//! Browsers only: whoever has a token can always call from elsewhere. Visitors send forms from any page, so what is public
//! answers everybody; the rest answers the origins that the operator names. No cookies are used, so credentials are never
//! allowed, and a foreign page can't act for somebody who is signed in here.

use super::context::Asked;
use super::error::ApiError;
use super::state::{ApiState, HttpSettings};
use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap,
    HeaderValue, ORIGIN, VARY,
};
use actix_web::web::Data;
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use groundswell_domain::Error;

/// Addresses that visitors' browsers call from pages of other sites.
const PUBLIC: [&str; 6] = [
    "/api/lead-capture/webhook/",
    "/api/lead-capture/events/",
    "/api/lead-capture/partial/",
    "/f/",
    "/embed.js",
    "/captcha.js",
];

const EXPOSED: &str = "etag, location, retry-after, x-request-id, idempotency-replayed, ratelimit, ratelimit-policy, \
    ratelimit-limit, ratelimit-remaining, ratelimit-reset";
const MAX_AGE: &str = "600";

/// Who may read an answer.
enum Readers {
    Everybody,
    /// The page's origin, which the operator named.
    This(HeaderValue),
    Nobody,
}

fn readers(path: &str, origin: Option<&HeaderValue>, settings: Option<&HttpSettings>) -> Readers {
    if is_public(path) {
        return Readers::Everybody;
    }
    let named = |origin: &&HeaderValue| {
        settings.is_some_and(|settings| {
            settings
                .cors_origins
                .iter()
                .any(|named| named.as_bytes() == origin.as_bytes())
        })
    };
    origin
        .filter(named)
        .map_or(Readers::Nobody, |origin| Readers::This(origin.clone()))
}

fn is_public(path: &str) -> bool {
    PUBLIC.iter().any(|start| path.starts_with(start)) || is_challenge(path)
}

/// The puzzle of a form's captcha, among addresses that are for its owner.
fn is_challenge(path: &str) -> bool {
    path.starts_with("/api/lead-capture/forms/") && path.ends_with("/challenge")
}

fn settings(request: &actix_web::HttpRequest) -> Option<&HttpSettings> {
    request
        .app_data::<Data<ApiState>>()
        .map(|state| state.settings.as_ref())
}

/// The answer to the question that a browser asks before a request: it never reaches a handler.
pub(super) fn preflight(request: &ServiceRequest) -> Option<HttpResponse> {
    let asks =
        request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let origin = request.headers().get(ORIGIN).filter(|_| asks)?;
    let (methods, names) = match readers(request.path(), Some(origin), settings(request.request())) {
        Readers::Everybody => ("GET, HEAD, POST", "content-type, idempotency-key, x-request-id"),
        Readers::This(_) => (
            "GET, HEAD, POST, PUT, PATCH, DELETE",
            "authorization, content-type, idempotency-key, if-match, x-request-id",
        ),
        Readers::Nobody => {
            let sentence = "pages of this origin may not call this server: the setting server.cors_origins names those that may";
            return Some(ApiError::from(Error::Forbidden(sentence.into())).error_response());
        }
    };
    let mut allowed: HttpResponseBuilder = HttpResponse::NoContent();
    allowed
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, methods))
        .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, names))
        .insert_header((ACCESS_CONTROL_MAX_AGE, MAX_AGE));
    Some(allowed.finish())
}

/// Lets the page read the answer, if it may.
pub(super) fn let_read(asked: &Asked, headers: &mut HeaderMap) {
    let readers = readers(&asked.path, asked.origin.as_ref(), asked.settings.as_deref());
    if !is_public(&asked.path) {
        // A cache must not give one origin's answer to another.
        headers.append(VARY, HeaderValue::from_static("Origin"));
    }
    match readers {
        Readers::Everybody => open(headers, HeaderValue::from_static("*")),
        Readers::This(origin) => open(headers, origin),
        Readers::Nobody => {}
    }
}

fn open(headers: &mut HeaderMap, to: HeaderValue) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, to);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
}
