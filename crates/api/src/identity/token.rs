//! `POST /api/auth/token`: the password grant of RFC 6749 section 4.3, for tools that know nothing else. Requests and answers
//! are as the RFC has them, without our envelope.

use super::session::sign_in;
use crate::http::{ApiError, ApiState, ClientIp, read_body};
use actix_web::http::header::{CACHE_CONTROL, HeaderName};
use actix_web::web::{Data, Payload};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use groundswell_app::identity::Login;
use groundswell_domain::Error;
use serde::Serialize;
use serde_json::json;
use url::form_urlencoded;
use utoipa::ToSchema;

/// Section 5.1.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenAnswer {
    access_token: String,
    #[schema(example = "bearer")]
    token_type: &'static str,
    expires_in: i64,
    refresh_token: String,
}

/// What the form has.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body in the OpenAPI document")]
pub(super) struct TokenForm {
    /// `password`, or absent.
    grant_type: Option<String>,
    /// The mail address.
    username: String,
    #[schema(format = "password")]
    password: String,
}

/// Largest form, in bytes.
const MAX_FORM: usize = 16 * 1024;

/// Sign in with an OAuth 2 password form (RFC 6749).
#[utoipa::path(post, path = "/api/auth/token", operation_id = "issue_token", tag = "auth",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, body = TokenAnswer)), security(()))]
pub(super) async fn issue_token(
    state: Data<ApiState>,
    request: HttpRequest,
    ip: ClientIp,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    if !request
        .content_type()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
    {
        return Ok(refused(
            "invalid_request",
            "the content type must be application/x-www-form-urlencoded",
        ));
    }
    let body = read_body(&mut payload.into_inner(), MAX_FORM).await?;
    let field = |wanted: &str| {
        form_urlencoded::parse(&body)
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.into_owned())
    };
    if field("grant_type").is_some_and(|grant| grant != "password") {
        return Ok(refused(
            "unsupported_grant_type",
            "only the grant type `password` is possible here",
        ));
    }
    let (Some(email), Some(password)) = (field("username"), field("password")) else {
        return Ok(refused("invalid_request", "username and password are required"));
    };
    let login = Login {
        email,
        password: password.into(),
    };
    match sign_in(&state, &request, ip, login).await {
        Ok(signed_in) => Ok(HttpResponse::Ok()
            .insert_header((CACHE_CONTROL, "no-store"))
            .json(TokenAnswer {
                access_token: signed_in.access_token,
                token_type: signed_in.token_type,
                expires_in: signed_in.expires_in,
                refresh_token: signed_in.refresh_token,
            })),
        Err(Error::Unauthenticated(message)) => Ok(refused("invalid_grant", &message)),
        Err(error) => Err(error.into()),
    }
}

/// Section 5.2.
fn refused(code: &str, description: &str) -> HttpResponse {
    HttpResponse::BadRequest()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((HeaderName::from_static("pragma"), "no-cache"))
        .json(json!({ "error": code, "error_description": description }))
}
