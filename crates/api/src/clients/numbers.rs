//! What is known about clients beyond their own records.

use super::query::{ClientCampaignQuery, ClientQuery};
use crate::http::{Answer, ApiError, ApiState, Auth, Envelope, ListEnvelope, Listing, PathId, Query};
use actix_web::web::Data;
use groundswell_app::clients;
use groundswell_domain::ClientId;
use groundswell_domain::campaigns::Campaign;
use groundswell_domain::clients::{ClientHealth, ClientStats};

/// List a client's campaigns.
#[utoipa::path(get, path = "/api/clients/{id}/campaigns", operation_id = "list_client_campaigns", tag = "clients",
    params(("id" = ClientId, Path), ClientCampaignQuery),
    responses((status = 200, body = ListEnvelope<Campaign>)), security(("bearer" = [])))]
pub(super) async fn list_client_campaigns(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<ClientId>,
    query: Query<ClientCampaignQuery>,
) -> Result<Listing<Campaign>, ApiError> {
    let page = query.page()?;
    Ok(Listing(
        clients::list_campaigns(&state.app, &auth.scope, id.0, query.0.filter(), &page).await?,
    ))
}

/// Clients by industry, country and month, and their average revenue.
#[utoipa::path(get, path = "/api/clients/stats/overview", operation_id = "get_client_stats", tag = "clients",
    responses((status = 200, body = Envelope<ClientStats>)), security(("bearer" = [])))]
pub(super) async fn get_client_stats(
    state: Data<ApiState>,
    auth: Auth,
) -> Result<Answer<ClientStats>, ApiError> {
    Ok(Answer::ok(clients::stats(&state.app, &auth.scope).await?))
}

/// List how clients' accounts are doing, with the reasons.
#[utoipa::path(get, path = "/api/clients/health/clients", operation_id = "list_client_health", tag = "clients", params(ClientQuery),
    responses((status = 200, body = ListEnvelope<ClientHealth>)), security(("bearer" = [])))]
pub(super) async fn list_client_health(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<ClientQuery>,
) -> Result<Listing<ClientHealth>, ApiError> {
    let page = query.page()?;
    Ok(Listing(
        clients::list_health(&state.app, &auth.scope, query.0.search(), &page).await?,
    ))
}
