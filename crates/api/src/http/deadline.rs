//! How long a request may take until its answer begins. A client that sends its body too slowly ends here, too.
//!
//! What is streamed after that (exports) may take as long as it takes.

use super::limits::RouteClass;
use super::state::ApiState;
use actix_web::dev::ServiceRequest;
use actix_web::web::Data;
use groundswell_domain::Error;
use std::time::Duration;

/// When the server was put together without settings, as in unit tests.
const DEFAULT: Duration = Duration::from_secs(30);

const RETRY_AFTER: Duration = Duration::from_secs(5);

pub(super) fn of(request: &ServiceRequest) -> Duration {
    let class = RouteClass::of(request.method(), request.path());
    request.app_data::<Data<ApiState>>().map_or(DEFAULT, |state| {
        if class == RouteClass::Heavy {
            state.settings.heavy_timeout
        } else {
            state.settings.request_timeout
        }
    })
}

pub(super) fn exceeded(limit: Duration) -> Error {
    Error::Unavailable {
        message: format!(
            "this took longer than {} seconds and was given up; with an Idempotency-Key it is safe to send it again",
            limit.as_secs()
        ),
        retry_after: RETRY_AFTER,
    }
}
