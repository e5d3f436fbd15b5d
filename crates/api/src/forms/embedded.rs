//! `GET /f/{form_id}/embed`: the form alone, for the script that puts it into pages of other sites.
//!
//! Made by the template of the hosted page, so that both are the same form and the script needs to know no types of fields.

use crate::http::{ApiError, ApiState};
use crate::pages::form_fragment;
use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, ContentType};
use actix_web::web::{Data, Path};
use groundswell_app::forms;
use groundswell_domain::{Error, FormId};

/// A form as a piece of HTML: what `embed.js` shows.
#[utoipa::path(get, path = "/f/{form_id}/embed", operation_id = "show_embedded_form", tag = "forms", params(("form_id" = FormId, Path)),
    responses((status = 200, content_type = "text/html", body = String)), security(()))]
pub(super) async fn show_embedded_form(
    state: Data<ApiState>,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id: FormId = id.parse().map_err(|_| Error::NotFound { what: "form" })?;
    let form = forms::public_form(&state.app, id).await?;
    Ok(HttpResponse::Ok()
        .insert_header(ContentType::html())
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(form_fragment(&form)?))
}
