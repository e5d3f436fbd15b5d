//! Reads `Idempotency-Key`: a hash of the body goes along with it, so the body is read here and put back.

use super::error::ApiError;
use super::json::read_body;
use super::state::ApiState;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage};
use futures_util::stream;
use groundswell_domain::idempotency::{IdempotencyKey, MAX_KEY_LENGTH};
use sha2::{Digest, Sha256};

const HEADER: &str = "idempotency-key";

/// Middleware: costs nothing for requests without the header.
pub(crate) async fn idempotency(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if request.method() == Method::POST && request.headers().contains_key(HEADER) {
        match read_key(&mut request).await {
            Ok(key) => {
                request.extensions_mut().insert(key);
            }
            Err(error) => return Ok(request.error_response(error).map_into_boxed_body()),
        }
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

async fn read_key(request: &mut ServiceRequest) -> Result<IdempotencyKey, ApiError> {
    let key = request
        .headers()
        .get(HEADER)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .trim()
        .to_owned();
    if key.is_empty() || key.chars().count() > MAX_KEY_LENGTH {
        let message = format!("must have 1 to {MAX_KEY_LENGTH} visible characters");
        return Err(groundswell_domain::Error::invalid("Idempotency-Key", message).into());
    }
    let limit = request
        .app_data::<Data<ApiState>>()
        .map_or(0, |state| state.settings.upload + 64 * 1024);
    let mut payload = request.take_payload();
    let body = read_body(&mut payload, limit).await?;
    let fingerprint = Sha256::digest(&body).to_vec();
    request.set_payload(Payload::Stream {
        payload: Box::pin(stream::once(async { Ok(body) })),
    });
    Ok(IdempotencyKey {
        route: format!("{} {}", request.method(), request.path()),
        key,
        fingerprint,
    })
}
