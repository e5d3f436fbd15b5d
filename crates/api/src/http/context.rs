//! Around every request: its id, its log line, its measurements, and headers that every answer has.

use super::error::ApiError;
use super::protection::protect;
use super::recorder::record_request;
use super::state::ApiState;
use super::{cors, head};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::http::uri::{PathAndQuery, Uri};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpRequest, ResponseError};
use groundswell_domain::RequestId;
use std::time::Instant;
use tracing::Instrument;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

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
    let span = tracing::info_span!("request", request_id = %id);
    let mut response = if let Some(answer) = CURRENT.sync_scope(id, || cors::preflight(&request)) {
        request.into_response(answer)
    } else {
        let answer = CURRENT.scope(id, next.call(request));
        head::without_stream(answer.instrument(span.clone()).await?.map_into_boxed_body())
    };
    span.in_scope(|| {
        CURRENT.sync_scope(id, || in_envelope(&mut response, &method));
        finish(&mut response, id, &method, started);
    });
    Ok(response)
}

fn incoming(request: &ServiceRequest) -> Option<RequestId> {
    request.headers().get(REQUEST_ID)?.to_str().ok()?.parse().ok()
}

/// `/api/v1/x` is `/api/x`, and a trailing slash means nothing.
fn normalize(request: &mut ServiceRequest) {
    let path = request.uri().path();
    let short = match path.strip_prefix("/api/v1") {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("/api{rest}"),
        _ => path.to_owned(),
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

fn finish(response: &mut ServiceResponse<BoxBody>, id: RequestId, method: &Method, started: Instant) {
    let route = response
        .request()
        .match_pattern()
        .unwrap_or_else(|| "(none)".into());
    let status = response.status();
    let took = started.elapsed();
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(REQUEST_ID, value);
    }
    cors::let_read(response);
    let state = response.request().app_data::<Data<ApiState>>().cloned();
    protect(response, state.as_ref().map(|state| state.settings.as_ref()));
    // The pattern, never the address: links in mails carry tokens.
    let ms = took.as_micros();
    tracing::info!(%method, route, status = status.as_u16(), micros = u64::try_from(ms).unwrap_or(u64::MAX), "answered");
    record_request(method, route, status, took);
}
