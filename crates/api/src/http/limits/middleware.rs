//! Around every route: what is counted by address, and the headers that tell of a limit.

use super::headers::tell;
use super::{RouteClass, limited, show};
use crate::http::client_ip::ClientIp;
use crate::http::error::ApiError;
use crate::http::state::ApiState;
use crate::pages::HtmlError;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage};

/// Middleware. Routes that are never refused pass untouched.
pub(crate) async fn limit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let class = RouteClass::of(request.method(), request.path());
    let state = request
        .app_data::<Data<ApiState>>()
        .filter(|state| state.limits.settings.enabled && class != RouteClass::Unlimited)
        .cloned();
    let Some(state) = state else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let ip = ClientIp::of(request.request(), &state.settings.trusted_proxies);
    let mut response = match state.limits.by_address(class, ip).await {
        Ok(shown) => {
            if let Some(shown) = shown {
                show(request.request(), shown);
            }
            next.call(request).await?.map_into_boxed_body()
        }
        Err(shown) => {
            show(request.request(), shown);
            let error = limited(&shown);
            if request.path().starts_with("/api/") {
                request.error_response(ApiError::from(error))
            } else {
                request.error_response(HtmlError::from(error))
            }
        }
    };
    if response.status() == StatusCode::BAD_REQUEST {
        state.limits.give_back(class, ip).await;
    }
    let shown = response.request().extensions().get().copied();
    if let Some(shown) = shown {
        tell(&shown, response.headers_mut());
    }
    Ok(response)
}
