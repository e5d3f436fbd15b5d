//! Who is calling.

use super::context::{request_id, trace_parent};
use super::error::ApiError;
use super::idempotency::{bind, kept_answer};
use super::origin::origin;
use super::state::ApiState;
use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::future::LocalBoxFuture;
use groundswell_app::identity::authenticate;
use groundswell_domain::idempotency::IdempotencyKey;
use groundswell_domain::{Error, Scope};

/// A caller with a good access token, API key, or token of a trusted issuer.
///
/// When the request has an `Idempotency-Key` that was answered before, extraction ends with that answer.
#[derive(Debug)]
pub struct Auth {
    pub scope: Scope,
}

impl FromRequest for Auth {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let state = request
                .app_data::<Data<ApiState>>()
                .ok_or_else(|| Error::internal("the server was put together without its state"))?;
            let bearer = bearer(&request)?;
            let origin = origin(&request, state);
            let mut scope = authenticate(&state.app, bearer, origin, request_id(&request)).await?;
            scope.trace = trace_parent(&request);
            state.limits.caller(&request, &scope.actor).await?;
            let key = request.extensions().get::<IdempotencyKey>().cloned();
            if let Some(key) = key {
                scope.idempotency = Some(bind(key, scope.actor));
                if let Some(kept) = kept_answer(&state.app, &scope, request.path()).await? {
                    return Err(kept);
                }
                // For the middleware, in case a twin of this request is faster.
                request.extensions_mut().insert(scope.clone());
            }
            Ok(Self { scope })
        })
    }
}

fn bearer(request: &HttpRequest) -> Result<&str, Error> {
    let header = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let missing = || {
        Error::Unauthenticated(
            "this needs the header `Authorization: Bearer <access token or API key>`".into(),
        )
    };
    let (kind, token) = header.and_then(|text| text.split_once(' ')).ok_or_else(missing)?;
    if kind.eq_ignore_ascii_case("bearer") {
        Ok(token.trim())
    } else {
        Err(missing())
    }
}
