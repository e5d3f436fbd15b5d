//! `GET /f/{form_id}`: the page of a form, for visitors.

use super::asked;
use super::sent::attribution;
use super::visits::count;
use crate::http::{ApiState, is_head, request_id};
use crate::pages::{HtmlError, Visit, form_page};
use actix_web::http::StatusCode;
use actix_web::http::header::REFERER;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use groundswell_app::forms;
use groundswell_domain::forms::{Attribution, Form};
use groundswell_domain::{Error, FormId};
use serde_json::{Map, Value};
use std::collections::HashSet;
use url::form_urlencoded;

/// The hosted page of a form. Works without JavaScript. Its address may fill fields in (`?name=Ada`), say where somebody comes
/// from (`utm_source`, `utm_medium`, `utm_campaign`, `referrer`), and who they are (`l`, a token of ours).
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
        answers: prefilled(&form, request.query_string()),
        known: known(&state, &request, &form).await?,
        shown: Some(forms::shown_now(&state.app, &form)),
        ..Visit::default()
    };
    if !is_head(&request) {
        count(&state, &request, &form, forms::Visit::Viewed, &visit.attribution);
    }
    Ok(form_page(&form, &visit)?.respond(StatusCode::OK))
}

/// What the page's address fills in. It ticks nothing and agrees to nothing.
fn prefilled(form: &Form, query: &str) -> Map<String, Value> {
    let mut answers = Map::new();
    for (name, text) in form_urlencoded::parse(query.as_bytes()) {
        let mut fields = form.fields.iter();
        let field = fields.find(|field| field.name == name && field.takes_prefill());
        if let Some(field) = field.filter(|_| !text.contains('\0')) {
            let text: String = text.chars().take(field.max_length()).collect();
            answers.insert(field.name.clone(), Value::String(text));
        }
    }
    answers
}

/// Names of the fields that need not be asked again: of whoever the link was made for, and of this browser.
async fn known(state: &ApiState, request: &HttpRequest, form: &Form) -> Result<HashSet<String>, Error> {
    if form.settings.progressive.is_none() {
        return Ok(HashSet::new());
    }
    let mut known = asked::of_browser(form, request);
    let mut query = form_urlencoded::parse(request.query_string().as_bytes());
    if let Some((_, token)) = query.find(|(name, _)| name == "l") {
        known.extend(forms::known_fields(&state.app, request_id(request), form, &token).await?);
    }
    Ok(known)
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
