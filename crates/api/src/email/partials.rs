//! Pieces that templates share.

use super::query::PartialQuery;
use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, IfMatch, JsonBody, ListEnvelope, Listing, Nothing, PathId,
    Query,
};
use actix_web::web::Data;
use groundswell_app::email::{self, PartialInput};
use groundswell_domain::TemplatePartialId;
use groundswell_domain::email::TemplatePartial;

/// Create a partial, which templates include by its name.
#[utoipa::path(post, path = "/api/email/partials", operation_id = "create_template_partial", tag = "email", request_body = PartialInput,
    responses((status = 201, body = Envelope<TemplatePartial>)), security(("bearer" = [])))]
pub(super) async fn create_partial(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<PartialInput>,
) -> Result<Answer<TemplatePartial>, ApiError> {
    let partial = email::create_partial(&state.app, &auth.scope, body.0).await?;
    Ok(Answer::created(
        format!("/api/email/partials/{}", partial.id),
        partial,
    ))
}

/// List partials.
#[utoipa::path(get, path = "/api/email/partials", operation_id = "list_template_partials", tag = "email", params(PartialQuery),
    responses((status = 200, body = ListEnvelope<TemplatePartial>)), security(("bearer" = [])))]
pub(super) async fn list_partials(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<PartialQuery>,
) -> Result<Listing<TemplatePartial>, ApiError> {
    Ok(Listing(
        email::list_partials(&state.app, &auth.scope, &query.page()?).await?,
    ))
}

/// Read a partial.
#[utoipa::path(get, path = "/api/email/partials/{id}", operation_id = "get_template_partial", tag = "email",
    params(("id" = TemplatePartialId, Path)),
    responses((status = 200, body = Envelope<TemplatePartial>)), security(("bearer" = [])))]
pub(super) async fn get_partial(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<TemplatePartialId>,
) -> Result<Answer<TemplatePartial>, ApiError> {
    Ok(Answer::versioned(
        email::get_partial(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Replace a partial: mails that include it say something else from now on.
#[utoipa::path(put, path = "/api/email/partials/{id}", operation_id = "replace_template_partial", tag = "email",
    params(("id" = TemplatePartialId, Path), IfMatch), request_body = PartialInput,
    responses((status = 200, body = Envelope<TemplatePartial>)), security(("bearer" = [])))]
pub(super) async fn replace_partial(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<TemplatePartialId>,
    expected: IfMatch,
    body: JsonBody<PartialInput>,
) -> Result<Answer<TemplatePartial>, ApiError> {
    Ok(Answer::versioned(
        email::replace_partial(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Delete a partial.
#[utoipa::path(delete, path = "/api/email/partials/{id}", operation_id = "delete_template_partial", tag = "email",
    params(("id" = TemplatePartialId, Path)),
    responses((status = 200, body = Envelope<Nothing>)), security(("bearer" = [])))]
pub(super) async fn delete_partial(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<TemplatePartialId>,
) -> Result<Nothing, ApiError> {
    email::delete_partial(&state.app, &auth.scope, id.0).await?;
    Ok(Nothing)
}
