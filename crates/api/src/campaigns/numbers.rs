//! What came of campaigns.

use super::query::RecipientQuery;
use crate::http::{Answer, ApiError, ApiState, Auth, Envelope, ListEnvelope, Listing, PathId, Query};
use actix_web::web::Data;
use groundswell_app::campaigns;
use groundswell_domain::CampaignId;
use groundswell_domain::campaigns::{CampaignFigures, CampaignStats};
use groundswell_domain::email::Message;

/// The numbers of one campaign, and what came of its goal.
#[utoipa::path(get, path = "/api/campaigns/{id}/metrics", operation_id = "get_campaign_metrics", tag = "campaigns",
    params(("id" = CampaignId, Path)),
    responses((status = 200, body = Envelope<CampaignFigures>)), security(("bearer" = [])))]
pub(super) async fn get_campaign_metrics(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<CampaignId>,
) -> Result<Answer<CampaignFigures>, ApiError> {
    Ok(Answer::ok(
        campaigns::metrics(&state.app, &auth.scope, id.0).await?,
    ))
}

/// The mail to each recipient of a campaign, and where it stands.
#[utoipa::path(get, path = "/api/campaigns/{id}/recipients", operation_id = "list_campaign_recipients", tag = "campaigns",
    params(("id" = CampaignId, Path), RecipientQuery),
    responses((status = 200, body = ListEnvelope<Message>)), security(("bearer" = [])))]
pub(super) async fn list_campaign_recipients(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<CampaignId>,
    query: Query<RecipientQuery>,
) -> Result<Listing<Message>, ApiError> {
    Ok(Listing(
        campaigns::recipients(&state.app, &auth.scope, id.0, query.status, &query.page()?).await?,
    ))
}

/// Sums over all campaigns.
#[utoipa::path(get, path = "/api/campaigns/stats/summary", operation_id = "get_campaign_stats", tag = "campaigns",
    responses((status = 200, body = Envelope<CampaignStats>)), security(("bearer" = [])))]
pub(super) async fn get_campaign_stats(
    state: Data<ApiState>,
    auth: Auth,
) -> Result<Answer<CampaignStats>, ApiError> {
    Ok(Answer::ok(campaigns::stats(&state.app, &auth.scope).await?))
}
