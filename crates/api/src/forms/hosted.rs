//! `GET /f/{form_id}`: the page of a form, for visitors.

use super::sent::attribution;
use crate::http::ApiState;
use crate::pages::{HtmlError, Visit, form_page};
use actix_web::http::StatusCode;
use actix_web::http::header::REFERER;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use groundswell_app::forms;
use groundswell_domain::forms::Attribution;
use groundswell_domain::{Error, FormId};
use url::form_urlencoded;

/// The hosted page of a form. Works without JavaScript.
#[utoipa::path(get, path = "/f/{form_id}", operation_id = "show_form", tag = "forms", params(("form_id" = FormId, Path)),
    responses((status = 200, content_type = "text/html", body = String), (status = 404, content_type = "text/html", body = String)), security(()))]
pub(super) async fn show_form(
    state: Data<ApiState>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, HtmlError> {
    let id: FormId = id.parse().map_err(|_| Error::NotFound { what: "form" })?;
    let form = forms::public_form(&state.app, id).await?;
    let visit = Visit {
        attribution: arrived(&request),
        ..Visit::default()
    };
    Ok(form_page(&form, &visit)?.respond(StatusCode::OK))
}

/// Where a visitor comes from: the query string of the page, and what the browser says.
fn arrived(request: &HttpRequest) -> Attribution {
    let mut all = Attribution::default();
    for (name, value) in form_urlencoded::parse(request.query_string().as_bytes()) {
        if let Some(place) = attribution(&mut all, &name) {
            *place = Some(value.into_owned()).filter(|value| !value.is_empty());
        }
    }
    if all.referrer.is_none() {
        let header = request
            .headers()
            .get(REFERER)
            .and_then(|value| value.to_str().ok());
        all.referrer = header.map(str::to_owned);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn the_page_s_address_and_the_browser_tell_where_someone_came_from() {
        let request = TestRequest::get()
            .uri("/f/1?utm_source=news%20letter&utm_medium=&x=1&utm_campaign=spring")
            .insert_header((REFERER, "https://example.com/a"))
            .to_http_request();
        let all = arrived(&request);
        assert_eq!(all.utm_source.as_deref(), Some("news letter"));
        assert_eq!(all.utm_medium, None);
        assert_eq!(all.utm_campaign.as_deref(), Some("spring"));
        assert_eq!(all.referrer.as_deref(), Some("https://example.com/a"));
    }
}
