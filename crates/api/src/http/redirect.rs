//! Addresses of the systems that this one replaces: they had no `/api` before them.

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse};

/// The same address under `/api`, for good and with the same method.
pub(crate) async fn to_api(request: HttpRequest) -> HttpResponse {
    HttpResponse::PermanentRedirect()
        .insert_header((LOCATION, format!("/api{}", request.uri())))
        .finish()
}
