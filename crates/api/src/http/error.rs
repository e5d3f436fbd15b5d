//! The one place where a kind of error becomes a status.

use super::answer::ErrorEnvelope;
use super::context::current_request_id;
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use groundswell_app::forms::CaptchaProblem;
use groundswell_domain::idempotency::{IdempotencyRecord, Outcome};
use groundswell_domain::{Error, FieldError};
use std::fmt;

/// On an answer that was kept from an earlier request.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Why a request got no ordinary answer.
#[derive(Debug)]
pub enum ApiError {
    Domain(Error),
    /// The body is not what it says it is.
    Malformed(String),
    /// The content type is another one than this.
    UnsupportedMediaType(&'static str),
    /// The body has more than this many bytes.
    TooLarge(usize),
    MethodNotAllowed(String),
    /// `Accept-Encoding` takes nothing that we speak.
    NotAcceptable,
    /// There is no such address.
    NoRoute,
    /// The `Idempotency-Key` was used before with another body.
    KeyReused,
    /// A form asks for a captcha.
    Captcha(CaptchaProblem),
    /// Not an error: the kept answer of an earlier request, given again. Extractors can end a request only this way.
    Replay {
        record: Box<IdempotencyRecord>,
        path: String,
    },
}

impl ApiError {
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::Malformed(message.into())
    }

    /// `expected` names the content types that are accepted.
    pub fn unsupported_media_type(expected: &'static str) -> Self {
        Self::UnsupportedMediaType(expected)
    }

    pub fn too_large(limit: usize) -> Self {
        Self::TooLarge(limit)
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Malformed(_) | Self::Captcha(_) | Self::Domain(Error::Invalid(_)) => {
                StatusCode::BAD_REQUEST
            }
            Self::Domain(Error::Unauthenticated(_)) => StatusCode::UNAUTHORIZED,
            Self::Domain(Error::Forbidden(_)) => StatusCode::FORBIDDEN,
            Self::NoRoute | Self::Domain(Error::NotFound { .. } | Error::Merged { .. }) => {
                StatusCode::NOT_FOUND
            }
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::Domain(Error::Conflict { .. }) => StatusCode::CONFLICT,
            Self::Domain(Error::Stale { .. }) => StatusCode::PRECONDITION_FAILED,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Domain(Error::RateLimited { .. }) => StatusCode::TOO_MANY_REQUESTS,
            Self::Domain(Error::Unavailable { .. }) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Domain(Error::Internal(_)) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Replay { record, .. } => status_of(record.outcome),
        }
    }

    fn code(&self) -> String {
        match self {
            Self::Malformed(_) => "malformed_body".into(),
            Self::UnsupportedMediaType(_) => "unsupported_media_type".into(),
            Self::TooLarge(_) => "body_too_large".into(),
            Self::MethodNotAllowed(_) => "method_not_allowed".into(),
            Self::NotAcceptable => "not_acceptable".into(),
            Self::NoRoute => "not_found".into(),
            Self::KeyReused => "idempotency_key_reused".into(),
            Self::Captcha(problem) => problem.code().into(),
            Self::Replay { .. } => "replayed".into(),
            Self::Domain(error) => match error {
                Error::NotFound { what } => format!("{}_not_found", what.replace(' ', "_")),
                Error::Merged { .. } => "lead_merged".into(),
                Error::Conflict { code, .. } => (*code).into(),
                Error::Stale { .. } => "stale_version".into(),
                Error::Invalid(_) => "invalid_input".into(),
                Error::Forbidden(_) => "forbidden".into(),
                Error::Unauthenticated(_) => "unauthenticated".into(),
                Error::RateLimited { .. } => "rate_limited".into(),
                Error::Unavailable { .. } => "unavailable".into(),
                Error::Internal(_) => "internal_error".into(),
            },
        }
    }

    fn details(&self) -> Vec<FieldError> {
        match self {
            Self::Domain(Error::Invalid(fields)) => fields.clone(),
            _ => Vec::new(),
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain(Error::Internal(_)) => {
                f.write_str("something went wrong on our side; the log has the details under this request_id")
            }
            Self::Domain(error) => error.fmt(f),
            Self::Malformed(message) => f.write_str(message),
            Self::Captcha(problem) => f.write_str(problem.message()),
            Self::UnsupportedMediaType(expected) => write!(f, "the content type must be {expected}"),
            Self::TooLarge(limit) => write!(f, "the body is larger than {limit} bytes"),
            Self::MethodNotAllowed(method) => write!(f, "{method} is not possible at this address"),
            Self::NotAcceptable => {
                f.write_str("answers are plain, br, gzip or deflate, and Accept-Encoding takes none of these")
            }
            Self::NoRoute => f.write_str("there is nothing at this address"),
            Self::KeyReused => {
                f.write_str("this Idempotency-Key was used before, with another body or by someone else")
            }
            Self::Replay { .. } => f.write_str("the answer of an earlier request"),
        }
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match error {
            // A use-case that looks its key up itself says it this way.
            Error::Conflict {
                code: "idempotency_key_reused",
                ..
            } => Self::KeyReused,
            error => Self::Domain(error),
        }
    }
}

impl From<PayloadError> for ApiError {
    fn from(error: PayloadError) -> Self {
        match error {
            PayloadError::Overflow => Self::TooLarge(0),
            // The client went away or sent what is not HTTP: nobody reads this answer.
            other => Self::Malformed(format!("the body could not be read: {other}")),
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status());
        match self {
            Self::Replay { record, path } => return replay(record, path),
            Self::Domain(Error::Internal(source)) => {
                tracing::error!(error = %chain(source.as_ref()), "internal error");
            }
            Self::Domain(Error::Unauthenticated(_)) => {
                response.insert_header((WWW_AUTHENTICATE, "Bearer"));
            }
            Self::Domain(Error::RateLimited { retry_after } | Error::Unavailable { retry_after, .. }) => {
                response.insert_header((RETRY_AFTER, retry_after.as_secs().max(1).to_string()));
            }
            _ => {}
        }
        response.json(ErrorEnvelope {
            success: false,
            data: None,
            error: self.to_string(),
            code: self.code(),
            details: self.details(),
            request_id: current_request_id(),
        })
    }
}

fn status_of(outcome: Outcome) -> StatusCode {
    match outcome {
        Outcome::Done => StatusCode::OK,
        Outcome::Created | Outcome::Recorded => StatusCode::CREATED,
        Outcome::Accepted => StatusCode::ACCEPTED,
    }
}

/// The error and everything that caused it.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

fn replay(record: &IdempotencyRecord, path: &str) -> HttpResponse {
    let mut response = HttpResponse::build(status_of(record.outcome));
    response.insert_header((CONTENT_TYPE, "application/json"));
    response.insert_header((REPLAYED, "true"));
    if record.outcome == Outcome::Created
        && let Some(id) = record.data.get("id").and_then(serde_json::Value::as_str)
    {
        // What was invited lives among the others.
        let list = path.trim_end_matches('/').trim_end_matches("/invite");
        response.insert_header((LOCATION, format!("{list}/{id}")));
    }
    response.json(serde_json::json!({ "success": true, "data": record.data, "error": null }))
}
