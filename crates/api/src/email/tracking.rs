//! What links in mails lead to. Public; a token is proof enough, and nothing about it is ever logged.

use crate::http::{ApiState, is_head, origin, read_body, request_id};
use crate::pages::{HtmlError, preferences_page};
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_TYPE, LOCATION, REFERRER_POLICY};
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use groundswell_app::email::{self, Choice, Visit};
use groundswell_domain::TopicId;
use groundswell_domain::email::classify::Method;
use url::form_urlencoded;

/// Largest form of the page, in bytes: the ids of all its topics, twice.
const MOST_CHOSEN: usize = 64 * 1024;

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

/// The topics of an organization's mails, to keep or to leave each, or everything. Changes nothing: mail scanners follow every link.
#[utoipa::path(get, path = "/u/{token}", operation_id = "show_unsubscribe", tag = "tracking", params(("token" = String, Path)),
    responses((status = 200, content_type = "text/html", body = String), (status = 404, content_type = "text/html", body = String)), security(()))]
pub(super) async fn show_unsubscribe(
    state: Data<ApiState>,
    token: Path<String>,
) -> Result<HttpResponse, HtmlError> {
    let info = email::unsubscribe_info(&state.app, &token).await?;
    Ok(preferences_page(&info, false)?.respond(StatusCode::OK))
}

/// Unsubscribe: a button of the page, or a mail program's one click (RFC 8058), which leaves the topic of the mail, or everything if it
/// had none. Doing it twice is fine.
#[utoipa::path(post, path = "/u/{token}", operation_id = "unsubscribe", tag = "tracking", params(("token" = String, Path)),
    request_body(content = String, content_type = "application/x-www-form-urlencoded", description = "`List-Unsubscribe=One-Click`, or nothing; or `action=everything`; or `action=save` with the ids of the topics that were `shown` and of those to `keep`"),
    responses((status = 200, content_type = "text/html", body = String), (status = 404, content_type = "text/html", body = String)), security(()))]
pub(super) async fn unsubscribe(
    state: Data<ApiState>,
    request: HttpRequest,
    token: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, HtmlError> {
    let body = read_body(&mut payload.into_inner(), MOST_CHOSEN).await?;
    let (origin, id) = (origin(&request, &state), request_id(&request));
    let info = email::unsubscribe(&state.app, &token, chosen(&body), origin, id).await?;
    Ok(preferences_page(&info, true)?.respond(StatusCode::OK))
}

/// What was chosen. Whatever does not come from a button of the page is a mail program's click, however it writes it.
fn chosen(body: &[u8]) -> Choice {
    let fields: Vec<_> = form_urlencoded::parse(body).collect();
    let ids = |name: &str| {
        let values = fields.iter().filter(|(field, _)| field == name);
        values
            .filter_map(|(_, id)| id.parse().ok())
            .map(TopicId)
            .collect()
    };
    let action = fields.iter().find(|(name, _)| name == "action");
    match action.map(|(_, action)| action.as_ref()) {
        Some("everything") => Choice::Everything,
        Some("save") => Choice::Topics {
            shown: ids("shown"),
            kept: ids("keep"),
        },
        _ => Choice::OneClick,
    }
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
    use super::{PIXEL, chosen};
    use groundswell_app::email::Choice;
    use groundswell_domain::TopicId;
    use std::collections::HashSet;

    #[test]
    fn whatever_is_no_button_is_one_click() {
        let form =
            "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--";
        for body in ["", "List-Unsubscribe=One-Click", form, "action=other", "\u{0}%%%"] {
            assert_eq!(chosen(body.as_bytes()), Choice::OneClick, "{body}");
        }
        assert_eq!(chosen(b"action=everything&keep=1"), Choice::Everything);
        let id = "0190a000-0000-7000-8000-000000000001";
        let shown = HashSet::from([TopicId(id.parse().unwrap())]);
        let body = format!("shown={id}&shown=nonsense&action=save");
        let kept = HashSet::new();
        assert_eq!(chosen(body.as_bytes()), Choice::Topics { shown, kept });
    }

    #[test]
    fn the_pixel_is_a_whole_picture_of_one_by_one() {
        assert!(PIXEL.starts_with(b"GIF89a\x01\0\x01\0"));
        assert_eq!(PIXEL.last(), Some(&b';'));
    }
}
