//! Create, read, update, delete.

use super::query::CampaignQuery;
use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, IfMatch, JsonBody, ListEnvelope, Listing, Nothing, PathId,
    Query, Shared,
};
use actix_web::HttpRequest;
use actix_web::web::Data;
use groundswell_app::campaigns::{self, BulkCreated, CampaignPatch, NewCampaign, NewCampaigns};
use groundswell_domain::CampaignId;
use groundswell_domain::campaigns::Campaign;

/// Create a campaign.
#[utoipa::path(post, path = "/api/campaigns", operation_id = "create_campaign", tag = "campaigns", request_body = NewCampaign,
    responses((status = 201, body = Envelope<Campaign>)), security(("bearer" = [])))]
pub(super) async fn create_campaign(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<NewCampaign>,
) -> Result<Answer<Campaign>, ApiError> {
    let campaign = campaigns::create_campaign(&state.app, &auth.scope, body.0).await?;
    Ok(Answer::created(
        format!("/api/campaigns/{}", campaign.id),
        campaign,
    ))
}

/// List campaigns.
#[utoipa::path(get, path = "/api/campaigns", operation_id = "list_campaigns", tag = "campaigns", params(CampaignQuery),
    responses((status = 200, body = ListEnvelope<Campaign>)), security(("bearer" = [])))]
pub(super) async fn list_campaigns(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<CampaignQuery>,
    request: HttpRequest,
) -> Result<Shared, ApiError> {
    let page = query.page()?;
    let filter = query.0.filter();
    let read = async {
        let found = campaigns::list_campaigns(&state.app, &auth.scope, &filter, &page).await?;
        Ok(Listing(found))
    };
    state.shared.read(&auth.scope, &request, read).await
}

/// Read a campaign.
#[utoipa::path(get, path = "/api/campaigns/{id}", operation_id = "get_campaign", tag = "campaigns", params(("id" = CampaignId, Path)),
    responses((status = 200, body = Envelope<Campaign>)), security(("bearer" = [])))]
pub(super) async fn get_campaign(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<CampaignId>,
) -> Result<Answer<Campaign>, ApiError> {
    Ok(Answer::versioned(
        campaigns::get_campaign(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Change a campaign: what is absent stays.
#[utoipa::path(patch, path = "/api/campaigns/{id}", operation_id = "update_campaign", tag = "campaigns",
    params(("id" = CampaignId, Path), IfMatch), request_body = CampaignPatch,
    responses((status = 200, body = Envelope<Campaign>)), security(("bearer" = [])))]
pub(super) async fn update_campaign(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<CampaignId>,
    expected: IfMatch,
    body: JsonBody<CampaignPatch>,
) -> Result<Answer<Campaign>, ApiError> {
    Ok(Answer::versioned(
        campaigns::update_campaign(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Replace a campaign.
#[utoipa::path(put, path = "/api/campaigns/{id}", operation_id = "replace_campaign", tag = "campaigns",
    params(("id" = CampaignId, Path), IfMatch), request_body = NewCampaign,
    responses((status = 200, body = Envelope<Campaign>)), security(("bearer" = [])))]
pub(super) async fn replace_campaign(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<CampaignId>,
    expected: IfMatch,
    body: JsonBody<NewCampaign>,
) -> Result<Answer<Campaign>, ApiError> {
    Ok(Answer::versioned(
        campaigns::replace_campaign(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Delete a campaign.
#[utoipa::path(delete, path = "/api/campaigns/{id}", operation_id = "delete_campaign", tag = "campaigns", params(("id" = CampaignId, Path)),
    responses((status = 200, body = Envelope<Nothing>)), security(("bearer" = [])))]
pub(super) async fn delete_campaign(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<CampaignId>,
) -> Result<Nothing, ApiError> {
    campaigns::delete_campaign(&state.app, &auth.scope, id.0).await?;
    Ok(Nothing)
}

/// Create many campaigns: all of them or none.
#[utoipa::path(post, path = "/api/campaigns/bulk/create", operation_id = "create_campaigns", tag = "campaigns",
    request_body = NewCampaigns, responses((status = 201, body = Envelope<BulkCreated>)), security(("bearer" = [])))]
pub(super) async fn create_campaigns(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<NewCampaigns>,
) -> Result<Answer<BulkCreated>, ApiError> {
    let created = campaigns::create_campaigns(&state.app, &auth.scope, body.0).await?;
    Ok(Answer::created_unnamed(created))
}
