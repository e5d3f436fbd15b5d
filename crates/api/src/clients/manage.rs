//! Create, read, update, delete.

use super::query::ClientQuery;
use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, IfMatch, JsonBody, ListEnvelope, Listing, Nothing, PathId,
    Query,
};
use actix_web::web::Data;
use groundswell_app::clients::{self, ClientPatch, NewClient};
use groundswell_domain::ClientId;
use groundswell_domain::clients::{Client, ClientDetail};

/// Create a client.
#[utoipa::path(post, path = "/api/clients", operation_id = "create_client", tag = "clients", request_body = NewClient,
    responses((status = 201, body = Envelope<Client>)), security(("bearer" = [])))]
pub(super) async fn create_client(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<NewClient>,
) -> Result<Answer<Client>, ApiError> {
    let client = clients::create_client(&state.app, &auth.scope, body.0).await?;
    Ok(Answer::created(format!("/api/clients/{}", client.id), client))
}

/// List clients.
#[utoipa::path(get, path = "/api/clients", operation_id = "list_clients", tag = "clients", params(ClientQuery),
    responses((status = 200, body = ListEnvelope<Client>)), security(("bearer" = [])))]
pub(super) async fn list_clients(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<ClientQuery>,
) -> Result<Listing<Client>, ApiError> {
    let page = query.page()?;
    Ok(Listing(
        clients::list_clients(&state.app, &auth.scope, query.0.search(), &page).await?,
    ))
}

/// Read a client with the health of its account.
#[utoipa::path(get, path = "/api/clients/{id}", operation_id = "get_client", tag = "clients", params(("id" = ClientId, Path)),
    responses((status = 200, body = Envelope<ClientDetail>)), security(("bearer" = [])))]
pub(super) async fn get_client(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<ClientId>,
) -> Result<Answer<ClientDetail>, ApiError> {
    Ok(Answer::versioned(
        clients::get_client(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Replace a client.
#[utoipa::path(put, path = "/api/clients/{id}", operation_id = "replace_client", tag = "clients", params(("id" = ClientId, Path), IfMatch),
    request_body = NewClient, responses((status = 200, body = Envelope<Client>)), security(("bearer" = [])))]
pub(super) async fn replace_client(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<ClientId>,
    expected: IfMatch,
    body: JsonBody<NewClient>,
) -> Result<Answer<Client>, ApiError> {
    Ok(Answer::versioned(
        clients::replace_client(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Change a client: what is absent stays, null clears.
#[utoipa::path(patch, path = "/api/clients/{id}", operation_id = "update_client", tag = "clients", params(("id" = ClientId, Path), IfMatch),
    request_body = ClientPatch, responses((status = 200, body = Envelope<Client>)), security(("bearer" = [])))]
pub(super) async fn update_client(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<ClientId>,
    expected: IfMatch,
    body: JsonBody<ClientPatch>,
) -> Result<Answer<Client>, ApiError> {
    Ok(Answer::versioned(
        clients::update_client(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Delete a client with its projects; its campaigns and leads stay, without it. One with campaigns that are scheduled, active or
/// paused can't be deleted.
#[utoipa::path(delete, path = "/api/clients/{id}", operation_id = "delete_client", tag = "clients", params(("id" = ClientId, Path)),
    responses((status = 200, body = Envelope<Nothing>)), security(("bearer" = [])))]
pub(super) async fn delete_client(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<ClientId>,
) -> Result<Nothing, ApiError> {
    clients::delete_client(&state.app, &auth.scope, id.0).await?;
    Ok(Nothing)
}
