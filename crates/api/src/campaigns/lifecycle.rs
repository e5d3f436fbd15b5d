//! The life of a campaign.

use crate::http::{Answer, ApiError, ApiState, Auth, Envelope, JsonBody, PathId};
use actix_web::web::Data;
use groundswell_app::campaigns::{self, Schedule};
use groundswell_domain::CampaignId;
use groundswell_domain::campaigns::Campaign;

/// Send a campaign to its audience, starting now.
#[utoipa::path(post, path = "/api/campaigns/{id}/launch", operation_id = "launch_campaign", tag = "campaigns",
    params(("id" = CampaignId, Path)), responses((status = 200, body = Envelope<Campaign>)), security(("bearer" = [])))]
pub(super) async fn launch_campaign(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<CampaignId>,
) -> Result<Answer<Campaign>, ApiError> {
    Ok(Answer::versioned(
        campaigns::launch(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Send a campaign to its audience, starting now: another name of `launch`.
#[utoipa::path(post, path = "/api/campaigns/{id}/start", operation_id = "start_campaign", tag = "campaigns",
    params(("id" = CampaignId, Path)), responses((status = 200, body = Envelope<Campaign>)), security(("bearer" = [])))]
pub(super) async fn start_campaign(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<CampaignId>,
) -> Result<Answer<Campaign>, ApiError> {
    Ok(Answer::versioned(
        campaigns::launch(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Stop sending for now; nothing is lost.
#[utoipa::path(post, path = "/api/campaigns/{id}/pause", operation_id = "pause_campaign", tag = "campaigns",
    params(("id" = CampaignId, Path)), responses((status = 200, body = Envelope<Campaign>)), security(("bearer" = [])))]
pub(super) async fn pause_campaign(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<CampaignId>,
) -> Result<Answer<Campaign>, ApiError> {
    Ok(Answer::versioned(
        campaigns::pause(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Go on with a paused campaign.
#[utoipa::path(post, path = "/api/campaigns/{id}/resume", operation_id = "resume_campaign", tag = "campaigns",
    params(("id" = CampaignId, Path)), responses((status = 200, body = Envelope<Campaign>)), security(("bearer" = [])))]
pub(super) async fn resume_campaign(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<CampaignId>,
) -> Result<Answer<Campaign>, ApiError> {
    Ok(Answer::versioned(
        campaigns::resume(&state.app, &auth.scope, id.0).await?,
    ))
}

/// End a campaign whose recipients are all settled.
#[utoipa::path(post, path = "/api/campaigns/{id}/complete", operation_id = "complete_campaign", tag = "campaigns",
    params(("id" = CampaignId, Path)), responses((status = 200, body = Envelope<Campaign>)), security(("bearer" = [])))]
pub(super) async fn complete_campaign(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<CampaignId>,
) -> Result<Answer<Campaign>, ApiError> {
    Ok(Answer::versioned(
        campaigns::complete(&state.app, &auth.scope, id.0).await?,
    ))
}

/// End a campaign for good; mails that were not sent yet never are.
#[utoipa::path(post, path = "/api/campaigns/{id}/cancel", operation_id = "cancel_campaign", tag = "campaigns",
    params(("id" = CampaignId, Path)), responses((status = 200, body = Envelope<Campaign>)), security(("bearer" = [])))]
pub(super) async fn cancel_campaign(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<CampaignId>,
) -> Result<Answer<Campaign>, ApiError> {
    Ok(Answer::versioned(
        campaigns::cancel(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Let a campaign start by itself at a time.
#[utoipa::path(post, path = "/api/campaigns/{id}/schedule", operation_id = "schedule_campaign", tag = "campaigns",
    params(("id" = CampaignId, Path)), request_body = Schedule,
    responses((status = 200, body = Envelope<Campaign>)), security(("bearer" = [])))]
pub(super) async fn schedule_campaign(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<CampaignId>,
    body: JsonBody<Schedule>,
) -> Result<Answer<Campaign>, ApiError> {
    Ok(Answer::versioned(
        campaigns::schedule(&state.app, &auth.scope, id.0, body.0).await?,
    ))
}
