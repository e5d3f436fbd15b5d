//! Versions of templates.

use super::query::{DiffQuery, VersionQuery, VersionsQuery};
use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, JsonBody, ListEnvelope, Listing, PathId, Query,
};
use actix_web::web::Data;
use groundswell_app::email::{self, PublishTemplate, RollbackTemplate};
use groundswell_domain::TemplateId;
use groundswell_domain::email::{Template, TemplateDiff, TemplateVersion, VersionInfo};

/// List the versions of a template, without their texts.
#[utoipa::path(get, path = "/api/email/templates/{id}/versions", operation_id = "list_template_versions", tag = "email",
    params(("id" = TemplateId, Path), VersionsQuery),
    responses((status = 200, body = ListEnvelope<VersionInfo>)), security(("bearer" = [])))]
pub(super) async fn list_template_versions(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<TemplateId>,
    query: Query<VersionsQuery>,
) -> Result<Listing<VersionInfo>, ApiError> {
    Ok(Listing(
        email::list_template_versions(&state.app, &auth.scope, id.0, &query.page()?).await?,
    ))
}

/// Read one version: by its number, or else the one that is sent.
#[utoipa::path(get, path = "/api/email/templates/{id}/version", operation_id = "get_template_version", tag = "email",
    params(("id" = TemplateId, Path), VersionQuery),
    responses((status = 200, body = Envelope<TemplateVersion>)), security(("bearer" = [])))]
pub(super) async fn get_template_version(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<TemplateId>,
    query: Query<VersionQuery>,
) -> Result<Answer<TemplateVersion>, ApiError> {
    Ok(Answer::ok(
        email::get_template_version(&state.app, &auth.scope, id.0, query.number).await?,
    ))
}

/// Compare two versions: without numbers what is sent with what was saved last.
#[utoipa::path(get, path = "/api/email/templates/{id}/diff", operation_id = "diff_template", tag = "email",
    params(("id" = TemplateId, Path), DiffQuery),
    responses((status = 200, body = Envelope<TemplateDiff>)), security(("bearer" = [])))]
pub(super) async fn diff_template(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<TemplateId>,
    query: Query<DiffQuery>,
) -> Result<Answer<TemplateDiff>, ApiError> {
    Ok(Answer::ok(
        email::diff_template(&state.app, &auth.scope, id.0, query.from, query.to).await?,
    ))
}

/// Publish a version: it is sent from now on.
#[utoipa::path(post, path = "/api/email/templates/{id}/publish", operation_id = "publish_template", tag = "email",
    params(("id" = TemplateId, Path)), request_body = PublishTemplate,
    responses((status = 200, body = Envelope<Template>)), security(("bearer" = [])))]
pub(super) async fn publish_template(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<TemplateId>,
    body: JsonBody<PublishTemplate>,
) -> Result<Answer<Template>, ApiError> {
    Ok(Answer::versioned(
        email::publish_template(&state.app, &auth.scope, id.0, body.0).await?,
    ))
}

/// Send again what was sent before.
#[utoipa::path(post, path = "/api/email/templates/{id}/rollback", operation_id = "rollback_template", tag = "email",
    params(("id" = TemplateId, Path)), request_body = RollbackTemplate,
    responses((status = 200, body = Envelope<Template>)), security(("bearer" = [])))]
pub(super) async fn rollback_template(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<TemplateId>,
    body: JsonBody<RollbackTemplate>,
) -> Result<Answer<Template>, ApiError> {
    Ok(Answer::versioned(
        email::rollback_template(&state.app, &auth.scope, id.0, body.0).await?,
    ))
}
