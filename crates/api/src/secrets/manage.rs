//! List, put, delete. There is no way to read a value.

use super::query::{HolderQuery, SecretQuery};
use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, JsonBody, ListEnvelope, Listing, Nothing, PathId, Query,
};
use actix_web::web::Data;
use groundswell_app::secrets::{self, PutSecret, SecretView};
use groundswell_domain::secrets::Service;

/// List secrets: your own, and with the permission `secrets:manage` those of clients and of the organization. Values are
/// never shown.
#[utoipa::path(get, path = "/api/user/secrets", operation_id = "list_secrets", tag = "secrets", params(SecretQuery),
    responses((status = 200, body = ListEnvelope<SecretView>)), security(("bearer" = [])))]
pub(super) async fn list_secrets(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<SecretQuery>,
) -> Result<Listing<SecretView>, ApiError> {
    let page = query.page()?;
    let (choice, service) = query.into_inner().filter();
    Ok(Listing(
        secrets::list_secrets(&state.app, &auth.scope, choice, service, &page).await?,
    ))
}

/// Keep a secret for a service: your own, a client's or the organization's. One that is there already is replaced. The first
/// of these three that exists is used.
#[utoipa::path(put, path = "/api/user/secrets/{service}", operation_id = "put_secret", tag = "secrets", params(("service" = Service, Path)),
    request_body = PutSecret, responses((status = 200, body = Envelope<SecretView>)), security(("bearer" = [])))]
pub(super) async fn put_secret(
    state: Data<ApiState>,
    auth: Auth,
    service: PathId<Service>,
    body: JsonBody<PutSecret>,
) -> Result<Answer<SecretView>, ApiError> {
    Ok(Answer::ok(
        secrets::put_secret(&state.app, &auth.scope, service.0, body.0).await?,
    ))
}

/// Delete a secret.
#[utoipa::path(delete, path = "/api/user/secrets/{service}", operation_id = "delete_secret", tag = "secrets",
    params(("service" = Service, Path), HolderQuery), responses((status = 200, body = Envelope<Nothing>)), security(("bearer" = [])))]
pub(super) async fn delete_secret(
    state: Data<ApiState>,
    auth: Auth,
    service: PathId<Service>,
    query: Query<HolderQuery>,
) -> Result<Nothing, ApiError> {
    secrets::delete_secret(&state.app, &auth.scope, &service.0, query.choice()).await?;
    Ok(Nothing)
}
