//! Errors of pages: a sentence for the visitor instead of JSON.

use super::notice::notice_page;
use crate::http::ApiError;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use std::fmt;

/// The same errors as everywhere, shown as a page.
#[derive(Debug)]
pub struct HtmlError(pub ApiError);

impl<E: Into<ApiError>> From<E> for HtmlError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for HtmlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for HtmlError {
    fn status_code(&self) -> StatusCode {
        self.0.status_code()
    }

    fn error_response(&self) -> HttpResponse {
        // Status, Retry-After and logging are decided in one place; only the body differs.
        let plain = self.0.error_response();
        let (title, text) = words(self.status_code());
        let Ok(page) = notice_page(title, text) else {
            return plain;
        };
        let mut response = page.respond(plain.status());
        if let Some(wait) = plain.headers().get(actix_web::http::header::RETRY_AFTER) {
            response
                .headers_mut()
                .insert(actix_web::http::header::RETRY_AFTER, wait.clone());
        }
        response
    }
}

fn words(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::NOT_FOUND => (
            "Not found",
            "There is nothing at this address. The link may be incomplete or out of date.",
        ),
        StatusCode::TOO_MANY_REQUESTS => (
            "Please wait a moment",
            "There were too many tries in a short time. Try again in a minute.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => (
            "Too much",
            "What was sent is too large. Please shorten it and try again.",
        ),
        StatusCode::SERVICE_UNAVAILABLE => ("Not available right now", "Please try again in a moment."),
        status if status.is_server_error() => (
            "Something went wrong",
            "This is our fault. Please try again later.",
        ),
        _ => (
            "This did not work",
            "What was sent could not be understood. Please go back and try again.",
        ),
    }
}
