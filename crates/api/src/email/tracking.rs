//! What links in mails lead to. Public; a token is proof enough, and nothing about it is ever logged.

use crate::http::{ApiState, is_head, origin, request_id};
use crate::pages::{HtmlError, unsubscribe_page, unsubscribed_page};
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_TYPE, LOCATION, REFERRER_POLICY};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use groundswell_app::email::{self, Visit};
use groundswell_domain::email::classify::Method;

/// A transparent picture of one pixel.
const PIXEL: [u8; 43] = *b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

/// The picture that tells of an open. Answers the same to every token, so that it can't be used to test them.
#[utoipa::path(get, path = "/t/o/{token}", operation_id = "record_open", tag = "tracking", params(("token" = String, Path)),
    responses((status = 200, content_type = "image/gif", body = [u8])), security(()))]
pub(super) async fn record_open(
    state: Data<ApiState>,
    request: HttpRequest,
    token: Path<String>,
) -> HttpResponse {
    if let Err(error) = email::record_open(&state.app, &token, visit(&request, &state)).await {
        tracing::warn!(%error, "an open could not be kept");
    }
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "image/gif"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(PIXEL.as_slice())
}

/// Follow a link in a mail.
#[utoipa::path(get, path = "/t/c/{token}", operation_id = "record_click", tag = "tracking", params(("token" = String, Path)),
    responses((status = 302), (status = 404, content_type = "text/html", body = String)), security(()))]
pub(super) async fn record_click(
    state: Data<ApiState>,
    request: HttpRequest,
    token: Path<String>,
) -> Result<HttpResponse, HtmlError> {
    let url = email::record_click(&state.app, &token, visit(&request, &state)).await?;
    Ok(HttpResponse::Found()
        .insert_header((LOCATION, url.as_str()))
        .insert_header((CACHE_CONTROL, "no-store"))
        // The token stays between the reader and us.
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .finish())
}

/// Ask whether to unsubscribe. Changes nothing: mail scanners follow every link.
#[utoipa::path(get, path = "/u/{token}", operation_id = "show_unsubscribe", tag = "tracking", params(("token" = String, Path)),
    responses((status = 200, content_type = "text/html", body = String), (status = 404, content_type = "text/html", body = String)), security(()))]
pub(super) async fn show_unsubscribe(
    state: Data<ApiState>,
    token: Path<String>,
) -> Result<HttpResponse, HtmlError> {
    let info = email::unsubscribe_info(&state.app, &token).await?;
    let page = if info.done {
        unsubscribed_page
    } else {
        unsubscribe_page
    };
    Ok(page(&info.email, &info.organization)?.respond(StatusCode::OK))
}

/// Unsubscribe: the button of the page, or a mail program's one click (RFC 8058). Doing it twice is fine.
#[utoipa::path(post, path = "/u/{token}", operation_id = "unsubscribe", tag = "tracking", params(("token" = String, Path)),
    request_body(content = String, content_type = "application/x-www-form-urlencoded", description = "`List-Unsubscribe=One-Click`, or nothing"),
    responses((status = 200, content_type = "text/html", body = String), (status = 404, content_type = "text/html", body = String)), security(()))]
pub(super) async fn unsubscribe(
    state: Data<ApiState>,
    request: HttpRequest,
    token: Path<String>,
) -> Result<HttpResponse, HtmlError> {
    let info = email::unsubscribe(&state.app, &token, origin(&request, &state), request_id(&request)).await?;
    Ok(unsubscribed_page(&info.email, &info.organization)?.respond(StatusCode::OK))
}

/// What tells a person from a program. A request for the header alone is kept, too: no person asks like that.
fn visit(request: &HttpRequest, state: &ApiState) -> Visit {
    let origin = origin(request, state);
    Visit {
        user_agent: origin.user_agent,
        ip: origin.ip,
        method: if is_head(request) {
            Method::Head
        } else {
            Method::Get
        },
        language: request.headers().contains_key(ACCEPT_LANGUAGE),
    }
}

#[cfg(test)]
mod tests {
    use super::PIXEL;

    #[test]
    fn the_pixel_is_a_whole_picture_of_one_by_one() {
        assert!(PIXEL.starts_with(b"GIF89a\x01\0\x01\0"));
        assert_eq!(PIXEL.last(), Some(&b';'));
    }
}
