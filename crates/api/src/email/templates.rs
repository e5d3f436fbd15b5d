//! Reusable mails.

use super::query::TemplateQuery;
use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, IfMatch, JsonBody, ListEnvelope, Listing, Nothing, PathId,
    Query,
};
use actix_web::web::Data;
use groundswell_app::email::{self, TemplateInput, TemplatePatch};
use groundswell_domain::TemplateId;
use groundswell_domain::email::Template;

/// Create a template.
#[utoipa::path(post, path = "/api/email/templates", operation_id = "create_template", tag = "email", request_body = TemplateInput,
    responses((status = 201, body = Envelope<Template>)), security(("bearer" = [])))]
pub(super) async fn create_template(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<TemplateInput>,
) -> Result<Answer<Template>, ApiError> {
    let template = email::create_template(&state.app, &auth.scope, body.0).await?;
    Ok(Answer::created(
        format!("/api/email/templates/{}", template.id),
        template,
    ))
}

/// List templates.
#[utoipa::path(get, path = "/api/email/templates", operation_id = "list_templates", tag = "email", params(TemplateQuery),
    responses((status = 200, body = ListEnvelope<Template>)), security(("bearer" = [])))]
pub(super) async fn list_templates(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<TemplateQuery>,
) -> Result<Listing<Template>, ApiError> {
    Ok(Listing(
        email::list_templates(&state.app, &auth.scope, query.category.as_deref(), &query.page()?).await?,
    ))
}

/// Read a template.
#[utoipa::path(get, path = "/api/email/templates/{id}", operation_id = "get_template", tag = "email", params(("id" = TemplateId, Path)),
    responses((status = 200, body = Envelope<Template>)), security(("bearer" = [])))]
pub(super) async fn get_template(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<TemplateId>,
) -> Result<Answer<Template>, ApiError> {
    Ok(Answer::versioned(
        email::get_template(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Change a template: what is absent stays.
#[utoipa::path(patch, path = "/api/email/templates/{id}", operation_id = "update_template", tag = "email",
    params(("id" = TemplateId, Path), IfMatch), request_body = TemplatePatch,
    responses((status = 200, body = Envelope<Template>)), security(("bearer" = [])))]
pub(super) async fn update_template(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<TemplateId>,
    expected: IfMatch,
    body: JsonBody<TemplatePatch>,
) -> Result<Answer<Template>, ApiError> {
    Ok(Answer::versioned(
        email::patch_template(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Replace a template.
#[utoipa::path(put, path = "/api/email/templates/{id}", operation_id = "replace_template", tag = "email",
    params(("id" = TemplateId, Path), IfMatch), request_body = TemplateInput,
    responses((status = 200, body = Envelope<Template>)), security(("bearer" = [])))]
pub(super) async fn replace_template(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<TemplateId>,
    expected: IfMatch,
    body: JsonBody<TemplateInput>,
) -> Result<Answer<Template>, ApiError> {
    Ok(Answer::versioned(
        email::replace_template(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Delete a template.
#[utoipa::path(delete, path = "/api/email/templates/{id}", operation_id = "delete_template", tag = "email", params(("id" = TemplateId, Path)),
    responses((status = 200, body = Envelope<Nothing>)), security(("bearer" = [])))]
pub(super) async fn delete_template(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<TemplateId>,
) -> Result<Nothing, ApiError> {
    email::delete_template(&state.app, &auth.scope, id.0).await?;
    Ok(Nothing)
}
