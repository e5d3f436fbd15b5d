//! Templates as people would get them, and what is wrong with them.

use crate::http::{Answer, ApiError, ApiState, Auth, Envelope, JsonBody, PathId, Query, request_id};
use crate::pages::{HtmlError, PreviewLook, mail_alone_page, preview_page};
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use groundswell_app::email::{self, LintTemplate, Preview, PreviewTemplate};
use groundswell_domain::TemplateId;
use groundswell_domain::email::LintReport;

/// Show a template for a lead, or for somebody made up, with a page to look at.
#[utoipa::path(post, path = "/api/email/templates/{id}/preview", operation_id = "preview_template", tag = "email",
    params(("id" = TemplateId, Path)), request_body = PreviewTemplate,
    responses((status = 200, body = Envelope<Preview>)), security(("bearer" = [])))]
pub(super) async fn preview_template(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<TemplateId>,
    body: JsonBody<PreviewTemplate>,
) -> Result<Answer<Preview>, ApiError> {
    Ok(Answer::ok(
        email::preview_template(&state.app, &auth.scope, id.0, body.0).await?,
    ))
}

/// Look a template over before it goes to many; on request also whether its links lead somewhere.
#[utoipa::path(post, path = "/api/email/templates/{id}/lint", operation_id = "lint_template", tag = "email",
    params(("id" = TemplateId, Path)), request_body = LintTemplate,
    responses((status = 200, body = Envelope<LintReport>)), security(("bearer" = [])))]
pub(super) async fn lint_template(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<TemplateId>,
    body: JsonBody<LintTemplate>,
) -> Result<Answer<LintReport>, ApiError> {
    Ok(Answer::ok(
        email::lint_template(&state.app, &auth.scope, id.0, body.0).await?,
    ))
}

/// Look at a preview: `width` 360, 600 or 800, `scheme` light or dark, and with `bare=true` the mail alone, to take a picture of.
#[utoipa::path(get, path = "/preview/mail/{token}", operation_id = "show_template_preview", tag = "email",
    params(("token" = String, Path), PreviewLook),
    responses((status = 200, content_type = "text/html", body = String)), security(()))]
pub(super) async fn show_preview(
    state: Data<ApiState>,
    request: HttpRequest,
    token: Path<String>,
    look: Query<PreviewLook>,
) -> Result<HttpResponse, HtmlError> {
    let page = email::preview_page(&state.app, &token, request_id(&request)).await?;
    let shown = if look.bare {
        mail_alone_page(&page, &look)
    } else {
        preview_page(&page, &token, &look)?
    };
    Ok(shown.respond(StatusCode::OK))
}
