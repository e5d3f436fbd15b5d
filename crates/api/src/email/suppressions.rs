//! Addresses that must not be written to.

use super::query::SuppressionQuery;
use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, JsonBody, ListEnvelope, Listing, Nothing, PathId, Query,
    download, read_body,
};
use actix_web::HttpResponse;
use actix_web::web::{Data, Payload};
use groundswell_app::email::{self, ImportedSuppressions, NewSuppression};
use groundswell_domain::SuppressionId;
use groundswell_domain::email::Suppression;

/// Create a suppression.
#[utoipa::path(post, path = "/api/email/suppressions", operation_id = "create_suppression", tag = "email", request_body = NewSuppression,
    responses((status = 201, body = Envelope<Suppression>)), security(("bearer" = [])))]
pub(super) async fn create_suppression(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<NewSuppression>,
) -> Result<Answer<Suppression>, ApiError> {
    let suppression = email::create_suppression(&state.app, &auth.scope, body.0).await?;
    Ok(Answer::created(
        format!("/api/email/suppressions/{}", suppression.id),
        suppression,
    ))
}

/// List suppressions.
#[utoipa::path(get, path = "/api/email/suppressions", operation_id = "list_suppressions", tag = "email", params(SuppressionQuery),
    responses((status = 200, body = ListEnvelope<Suppression>)), security(("bearer" = [])))]
pub(super) async fn list_suppressions(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<SuppressionQuery>,
) -> Result<Listing<Suppression>, ApiError> {
    Ok(Listing(
        email::list_suppressions(
            &state.app,
            &auth.scope,
            query.reason,
            query.email.as_deref(),
            &query.page()?,
        )
        .await?,
    ))
}

/// Export the suppression list as CSV.
#[utoipa::path(get, path = "/api/email/suppressions/export", operation_id = "export_suppressions", tag = "email",
    responses((status = 200, content_type = "text/csv", body = String)), security(("bearer" = [])))]
pub(super) async fn export_suppressions(state: Data<ApiState>, auth: Auth) -> Result<HttpResponse, ApiError> {
    let content = email::export_suppressions(&state.app, &auth.scope).await?;
    Ok(download("text/csv; charset=utf-8", "suppressions.csv", content))
}

/// Import addresses that must not be written to, from CSV with a column `email` and, if there are, `reason` and `note`: at most 10,000 lines.
#[utoipa::path(post, path = "/api/email/suppressions/import", operation_id = "import_suppressions", tag = "email",
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = Envelope<ImportedSuppressions>)), security(("bearer" = [])))]
pub(super) async fn import_suppressions(
    state: Data<ApiState>,
    auth: Auth,
    payload: Payload,
) -> Result<Answer<ImportedSuppressions>, ApiError> {
    let file = read_body(&mut payload.into_inner(), state.settings.json_body).await?;
    Ok(Answer::ok(
        email::import_suppressions(&state.app, &auth.scope, &file).await?,
    ))
}

/// Read a suppression.
#[utoipa::path(get, path = "/api/email/suppressions/{id}", operation_id = "get_suppression", tag = "email", params(("id" = SuppressionId, Path)),
    responses((status = 200, body = Envelope<Suppression>)), security(("bearer" = [])))]
pub(super) async fn get_suppression(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SuppressionId>,
) -> Result<Answer<Suppression>, ApiError> {
    Ok(Answer::ok(
        email::get_suppression(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Delete a suppression.
#[utoipa::path(delete, path = "/api/email/suppressions/{id}", operation_id = "delete_suppression", tag = "email", params(("id" = SuppressionId, Path)),
    responses((status = 200, body = Envelope<Nothing>)), security(("bearer" = [])))]
pub(super) async fn delete_suppression(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SuppressionId>,
) -> Result<Nothing, ApiError> {
    email::delete_suppression(&state.app, &auth.scope, id.0).await?;
    Ok(Nothing)
}
