//! `/f/confirm/{token}`: the link in the mail of a double opt-in. Public; the token is proof enough, and never logged.

use crate::http::{ApiState, origin, request_id};
use crate::pages::{HtmlError, confirmation_page};
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use groundswell_app::forms::{self, OptIn, OptInState};

/// Ask whether to confirm. Changes nothing: mail scanners follow every link.
#[utoipa::path(get, path = "/f/confirm/{token}", operation_id = "show_confirmation", tag = "forms", params(("token" = String, Path)),
    responses((status = 200, content_type = "text/html", body = String), (status = 404, content_type = "text/html", body = String),
        (status = 410, description = "The link is too old", content_type = "text/html", body = String)), security(()))]
pub(super) async fn show_confirmation(
    state: Data<ApiState>,
    token: Path<String>,
) -> Result<HttpResponse, HtmlError> {
    respond(&forms::opt_in(&state.app, &token).await?)
}

/// Confirm: the button of the page. Doing it twice is fine.
#[utoipa::path(post, path = "/f/confirm/{token}", operation_id = "confirm_opt_in", tag = "forms", params(("token" = String, Path)),
    request_body(content = String, content_type = "application/x-www-form-urlencoded", description = "Nothing"),
    responses((status = 200, content_type = "text/html", body = String), (status = 404, content_type = "text/html", body = String),
        (status = 410, description = "The link is too old", content_type = "text/html", body = String)), security(()))]
pub(super) async fn confirm_opt_in(
    state: Data<ApiState>,
    request: HttpRequest,
    token: Path<String>,
) -> Result<HttpResponse, HtmlError> {
    let from = origin(&request, &state);
    respond(&forms::confirm_opt_in(&state.app, &token, from, request_id(&request)).await?)
}

fn respond(opt_in: &OptIn) -> Result<HttpResponse, HtmlError> {
    let status = match opt_in.state {
        OptInState::Open | OptInState::Confirmed => StatusCode::OK,
        OptInState::Over => StatusCode::GONE,
    };
    Ok(confirmation_page(opt_in)?.respond(status))
}
