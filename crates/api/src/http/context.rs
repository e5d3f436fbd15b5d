//! Around every request: its id, its log line, its measurements, and headers that every answer has.

use super::error::ApiError;
use super::protection::protect;
use super::recorder::record_request;
use super::state::{ApiState, HttpSettings};
use super::{cors, deadline, head};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, ORIGIN};
use actix_web::http::uri::{PathAndQuery, Uri};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, ResponseError};
use groundswell_domain::RequestId;
use groundswell_domain::trace::TraceParent;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tracing::Instrument;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");

tokio::task_local! {
    // Errors are rendered without the request at hand; this is how they learn its id.
    static CURRENT: RequestId;
}

/// The id of the request that is being answered; empty outside of one.
pub(super) fn current_request_id() -> String {
    CURRENT.try_with(ToString::to_string).unwrap_or_default()
}

/// The id that [`context`] gave to this request.
pub(crate) fn request_id(request: &HttpRequest) -> RequestId {
    request
        .extensions()
        .get::<RequestId>()
        .copied()
        .unwrap_or(RequestId(uuid::Uuid::nil()))
}

/// The trace that the caller says this request belongs to. What can't be read is none: W3C Trace Context, section 3.2.
pub(super) fn trace_parent(request: &HttpRequest) -> Option<TraceParent> {
    let mut named = request.headers().get_all(TRACE_PARENT);
    let only = named.next().filter(|_| named.next().is_none())?;
    only.to_str().ok()?.parse().ok()
}

/// The outermost middleware.
pub(crate) async fn context(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    normalize(&mut request);
    let id = incoming(&request).or_else(|| {
        request
            .app_data::<Data<ApiState>>()
            .map(|state| state.app.request_id())
    });
    let id = id.unwrap_or(RequestId(uuid::Uuid::nil()));
    request.extensions_mut().insert(id);
    let method = request.method().clone();
    head::as_get(&mut request);
    let span = tracing::info_span!("request", request_id = %id, trace_id = tracing::field::Empty);
    if let Some(trace) = trace_parent(request.request()) {
        span.record("trace_id", trace.trace_id());
    }
    let asked = Asked::of(&request, id, method, started);
    let mut response = if let Some(answer) = CURRENT.sync_scope(id, || cors::preflight(&request)) {
        request.into_response(answer)
    } else {
        let limit = deadline::of(&request);
        let answer = CURRENT.scope(id, next.call(request)).instrument(span.clone());
        match tokio::time::timeout(limit, answer).await {
            Ok(answer) => head::without_stream(answer?.map_into_boxed_body()),
            Err(_) => return Err(span.in_scope(|| CURRENT.sync_scope(id, || timed_out(&asked, limit)))),
        }
    };
    span.in_scope(|| {
        CURRENT.sync_scope(id, || in_envelope(&mut response, &asked.method));
        let route = response.request().match_pattern();
        finish(&asked, route, response.response_mut());
    });
    Ok(response)
}

/// Dropping the work has ended it: a transaction that was open is rolled back. The request is gone with it, so the answer
/// goes past everything that is around the routes.
fn timed_out(asked: &Asked, limit: Duration) -> Error {
    let mut response = ApiError::from(deadline::exceeded(limit)).error_response();
    finish(asked, None, &mut response);
    InternalError::from_response("the time limit of a request", response).into()
}

fn incoming(request: &ServiceRequest) -> Option<RequestId> {
    request.headers().get(REQUEST_ID)?.to_str().ok()?.parse().ok()
}

/// `/api/v1/x` is `/api/x`, a trailing slash means nothing, and letters that were escaped without need are letters: whoever
/// looks at the path sees what the router will.
fn normalize(request: &mut ServiceRequest) {
    let path = request.uri().path();
    let plain = unescaped(path);
    let short = match plain.strip_prefix("/api/v1") {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("/api{rest}"),
        _ => plain.into_owned(),
    };
    let trimmed = if short.starts_with("/docs") {
        short.as_str()
    } else {
        short.trim_end_matches('/')
    };
    let wanted = if trimmed.is_empty() { "/" } else { trimmed };
    if wanted == path {
        return;
    }
    let text = request
        .uri()
        .query()
        .map_or_else(|| wanted.to_owned(), |query| format!("{wanted}?{query}"));
    let mut parts = request.uri().clone().into_parts();
    let Ok(path_and_query) = text.parse::<PathAndQuery>() else {
        return;
    };
    parts.path_and_query = Some(path_and_query);
    if let Ok(uri) = Uri::from_parts(parts) {
        request.match_info_mut().get_mut().update(&uri);
        request.head_mut().uri = uri;
    }
}

/// Percent-encoded octets of unreserved characters are decoded (RFC 3986, section 6.2.2.2).
fn unescaped(path: &str) -> Cow<'_, str> {
    if !path.contains('%') {
        return Cow::Borrowed(path);
    }
    let mut plain = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        plain.push_str(&rest[..at]);
        let escape = rest.get(at..at + 3).unwrap_or(&rest[at..=at]);
        let octet = escape
            .get(1..)
            .filter(|digits| digits.len() == 2)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .map(char::from);
        match octet {
            Some(sign) if sign.is_ascii_alphanumeric() || "-._~".contains(sign) => plain.push(sign),
            _ => plain.push_str(escape),
        }
        rest = &rest[at + escape.len()..];
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// The framework refuses a wrong method and an encoding that nobody speaks in its own words; ours are like every error.
fn in_envelope(response: &mut ServiceResponse<BoxBody>, method: &Method) {
    if response.headers().contains_key(CONTENT_TYPE) {
        return;
    }
    let error = match response.status() {
        StatusCode::METHOD_NOT_ALLOWED => ApiError::MethodNotAllowed(method.to_string()),
        StatusCode::NOT_ACCEPTABLE => ApiError::NotAcceptable,
        _ => return,
    };
    let mut ours = error.error_response();
    for (name, value) in response.headers() {
        ours.headers_mut().insert(name.clone(), value.clone());
    }
    *response.response_mut() = ours;
}

/// What the headers and the log line of an answer depend on.
pub(super) struct Asked {
    pub path: String,
    pub origin: Option<HeaderValue>,
    /// Whether the answer is somebody's own. Also what hands out tokens: no answer to a write is anybody else's.
    pub personal: bool,
    pub settings: Option<Arc<HttpSettings>>,
    id: RequestId,
    method: Method,
    started: Instant,
}

impl Asked {
    /// `method` is what was sent, before `HEAD` became `GET`.
    fn of(request: &ServiceRequest, id: RequestId, method: Method, started: Instant) -> Self {
        let state = request.app_data::<Data<ApiState>>();
        Self {
            path: request.path().to_owned(),
            origin: request.headers().get(ORIGIN).cloned(),
            personal: request.headers().contains_key(AUTHORIZATION) || request.method() != Method::GET,
            settings: state.map(|state| Arc::clone(&state.settings)),
            id,
            method,
            started,
        }
    }
}

fn finish(asked: &Asked, route: Option<String>, response: &mut HttpResponse<BoxBody>) {
    let (method, route) = (&asked.method, route.unwrap_or_else(|| "(none)".into()));
    let status = response.status();
    let took = asked.started.elapsed();
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&asked.id.to_string()) {
        headers.insert(REQUEST_ID, value);
    }
    cors::let_read(asked, headers);
    protect(asked, headers);
    // The pattern, never the address: links in mails carry tokens.
    let ms = took.as_micros();
    tracing::info!(%method, route, status = status.as_u16(), micros = u64::try_from(ms).unwrap_or(u64::MAX), "answered");
    record_request(method, route, status, took);
}

#[cfg(test)]
mod tests {
    use super::unescaped;

    #[test]
    fn only_what_needs_no_escape_is_unescaped() {
        for (path, plain) in [
            ("/api/leads", "/api/leads"),
            ("/api/auth/regist%65r", "/api/auth/register"),
            ("/%61%70%69/leads", "/api/leads"),
            ("/api/leads%2fexport", "/api/leads%2fexport"),
            ("/a%20b%zz%", "/a%20b%zz%"),
            ("/%4", "/%4"),
            ("/%e4%F6", "/%e4%F6"),
            ("/%+1", "/%+1"),
        ] {
            assert_eq!(unescaped(path), plain);
        }
    }
}
