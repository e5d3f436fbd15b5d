//! `GET /f/{form_id}/embed`: the form alone, for the script that puts it into pages of other sites.
//!
//! Made by the template of the hosted page, so that both are the same form and the script needs to know no types of fields.

use super::asked;
use crate::http::{ApiError, ApiState, request_id};
use crate::pages::{Visit, form_fragment};
use actix_web::http::header::{CACHE_CONTROL, ContentType};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use groundswell_app::forms;
use groundswell_domain::{Error, FormId};
use std::collections::HashMap;
use url::form_urlencoded;

/// A form as a piece of HTML: what `embed.js` shows. Of a form that asks bit by bit, `asked` (names with dots between them) and
/// `l` (a token of ours) say what need not be asked again.
#[utoipa::path(get, path = "/f/{form_id}/embed", operation_id = "show_embedded_form", tag = "forms", params(("form_id" = FormId, Path)),
    responses((status = 200, content_type = "text/html", body = String)), security(()))]
pub(super) async fn show_embedded_form(
    state: Data<ApiState>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id: FormId = id.parse().map_err(|_| Error::NotFound { what: "form" })?;
    let form = forms::public_form(&state.app, id).await?;
    let query: HashMap<_, _> = form_urlencoded::parse(request.query_string().as_bytes()).collect();
    let said = |name: &str| query.get(name).map(AsRef::as_ref);
    let mut known = asked::known(&form, said("asked"));
    if let (Some(_), Some(token)) = (&form.settings.progressive, said("l")) {
        known.extend(forms::known_fields(&state.app, request_id(&request), &form, token).await?);
    }
    let visit = Visit {
        known,
        shown: Some(forms::shown_now(&state.app, &form)),
        ..Visit::default()
    };
    Ok(HttpResponse::Ok()
        .insert_header(ContentType::html())
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(form_fragment(&form, &visit)?))
}
