//! Reads `Idempotency-Key`: a hash of the body goes along with it, so the body is read here and put back.
//!
//! [`super::Auth`] answers what was answered before; the use-case keeps its answer in its own transaction.

use super::error::ApiError;
use super::json::read_body;
use super::state::ApiState;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, ResponseError};
use futures_util::stream;
use groundswell_app::App;
use groundswell_domain::idempotency::{IdempotencyKey, MAX_KEY_LENGTH};
use groundswell_domain::{Actor, Scope};
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
    Ok(after_a_twin(next.call(request).await?.map_into_boxed_body()).await)
}

/// Of two simultaneous requests with one key the slower one runs into a conflict, with the key or with what the faster one
/// made. By then there is an answer to give.
async fn after_a_twin(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    if response.status() != StatusCode::CONFLICT {
        return response;
    }
    let request = response.request();
    let scope = request.extensions().get::<Scope>().cloned();
    let app = request
        .app_data::<Data<ApiState>>()
        .map(|state| state.app.clone());
    let (Some(scope), Some(app)) = (scope, app) else {
        return response;
    };
    match kept_answer(&app, &scope, request.path()).await {
        Ok(Some(kept)) => response.into_response(kept.error_response()),
        // The conflict is what it seems to be, or nothing better can be told.
        Ok(None) | Err(_) => response,
    }
}

/// Ties a key to its user: another person or API key of the organization, with fewer rights perhaps, must not see the kept
/// answer by showing the same key and body.
pub(super) fn bind(mut key: IdempotencyKey, actor: Actor) -> IdempotencyKey {
    let mut hash = Sha256::new();
    hash.update(&key.fingerprint);
    match actor {
        Actor::User { user, .. } | Actor::Foreign { user } => hash.update(user.0.as_bytes()),
        Actor::ApiKey { key, .. } => hash.update(key.0.as_bytes()),
        _ => {}
    }
    key.fingerprint = hash.finalize().to_vec();
    key
}

/// What was answered before to the key of this scope.
pub(super) async fn kept_answer(app: &App, scope: &Scope, path: &str) -> Result<Option<ApiError>, ApiError> {
    let Some(key) = &scope.idempotency else {
        return Ok(None);
    };
    let Some(record) = groundswell_app::replay(app, scope, key).await? else {
        return Ok(None);
    };
    if record.fingerprint != key.fingerprint {
        return Err(ApiError::KeyReused);
    }
    Ok(Some(ApiError::Replay {
        record: Box::new(record),
        path: path.to_owned(),
    }))
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

#[cfg(test)]
mod tests {
    use super::*;
    use groundswell_domain::{ApiKeyId, SessionId, UserId};
    use uuid::Uuid;

    #[test]
    fn a_key_is_its_user_s_own() {
        let key = IdempotencyKey {
            route: "POST /api/leads".into(),
            key: "k".into(),
            fingerprint: vec![1],
        };
        let by = |actor| bind(key.clone(), actor).fingerprint;
        let user = UserId(Uuid::from_u128(1));
        let program = Actor::ApiKey {
            key: ApiKeyId(Uuid::from_u128(2)),
            user,
        };
        let person = |user| Actor::User {
            user,
            session: SessionId(Uuid::from_u128(9)),
        };
        assert_eq!(by(person(user)), by(person(user)));
        assert_ne!(by(person(user)), by(program));
        assert_ne!(by(person(user)), by(person(UserId(Uuid::from_u128(3)))));
    }
}
