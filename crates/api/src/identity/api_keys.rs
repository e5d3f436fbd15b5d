//! A person's API keys.

use crate::http::{Answer, ApiError, ApiState, Auth, Envelope, JsonBody, Nothing, PathId};
use actix_web::web::Data;
use groundswell_app::identity::{self, CreatedApiKey, NewApiKey, Rotation};
use groundswell_domain::ApiKeyId;
use groundswell_domain::identity::ApiKey;

/// Create an API key. Its text is in this answer only.
#[utoipa::path(post, path = "/api/auth/api-keys", operation_id = "create_api_key", tag = "auth", request_body = NewApiKey,
    responses((status = 201, body = Envelope<CreatedApiKey>)), security(("bearer" = [])))]
pub(super) async fn create_api_key(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<NewApiKey>,
) -> Result<Answer<CreatedApiKey>, ApiError> {
    let created = identity::create_api_key(&state.app, &auth.scope, body.0).await?;
    Ok(Answer::created(
        format!("/api/auth/api-keys/{}", created.key.id),
        created,
    ))
}

/// List your API keys.
#[utoipa::path(get, path = "/api/auth/api-keys", operation_id = "list_api_keys", tag = "auth",
    responses((status = 200, body = Envelope<Vec<ApiKey>>)), security(("bearer" = [])))]
pub(super) async fn list_api_keys(
    state: Data<ApiState>,
    auth: Auth,
) -> Result<Answer<Vec<ApiKey>>, ApiError> {
    Ok(Answer::ok(
        identity::list_api_keys(&state.app, &auth.scope).await?,
    ))
}

/// Read one of your API keys.
#[utoipa::path(get, path = "/api/auth/api-keys/{id}", operation_id = "get_api_key", tag = "auth",
    params(("id" = ApiKeyId, Path)), responses((status = 200, body = Envelope<ApiKey>)), security(("bearer" = [])))]
pub(super) async fn get_api_key(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<ApiKeyId>,
) -> Result<Answer<ApiKey>, ApiError> {
    Ok(Answer::ok(
        identity::get_api_key(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Replace an API key by a new one with the same limits; for a while both work. The new text is in this answer only.
#[utoipa::path(post, path = "/api/auth/api-keys/{id}/rotate", operation_id = "rotate_api_key", tag = "auth",
    params(("id" = ApiKeyId, Path)), request_body = Rotation,
    responses((status = 201, body = Envelope<CreatedApiKey>)), security(("bearer" = [])))]
pub(super) async fn rotate_api_key(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<ApiKeyId>,
    body: JsonBody<Rotation>,
) -> Result<Answer<CreatedApiKey>, ApiError> {
    let created = identity::rotate_api_key(&state.app, &auth.scope, id.0, body.0).await?;
    Ok(Answer::created(
        format!("/api/auth/api-keys/{}", created.key.id),
        created,
    ))
}

/// Delete an API key: it stops working at once.
#[utoipa::path(delete, path = "/api/auth/api-keys/{id}", operation_id = "delete_api_key", tag = "auth",
    params(("id" = ApiKeyId, Path)), responses((status = 200, body = Envelope<Nothing>)), security(("bearer" = [])))]
pub(super) async fn delete_api_key(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<ApiKeyId>,
) -> Result<Nothing, ApiError> {
    identity::delete_api_key(&state.app, &auth.scope, id.0).await?;
    Ok(Nothing)
}
