//! What a campaign would do, its A/B test, and sending it again.

use super::query::TimelineQuery;
use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, JsonBody, ListEnvelope, Listing, PathId, Query,
};
use actix_web::web::Data;
use groundswell_app::campaigns::{self, AbReport, DecideAbTest, Resend};
use groundswell_domain::CampaignId;
use groundswell_domain::campaigns::{AbDesign, AbTest, Campaign, Forecast, Timeline};

/// What a launch would do: audience, exclusions by reason, time and cost. Changes nothing.
#[utoipa::path(post, path = "/api/campaigns/{id}/forecast", operation_id = "forecast_campaign", tag = "campaigns",
    params(("id" = CampaignId, Path)), responses((status = 200, body = Envelope<Forecast>)), security(("bearer" = [])))]
pub(super) async fn forecast_campaign(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<CampaignId>,
) -> Result<Answer<Forecast>, ApiError> {
    Ok(Answer::ok(
        campaigns::forecast(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Give a campaign an A/B test, in place of the one that it may have.
#[utoipa::path(post, path = "/api/campaigns/{id}/ab-tests", operation_id = "create_campaign_ab_test", tag = "campaigns",
    params(("id" = CampaignId, Path)), request_body = AbDesign,
    responses((status = 201, body = Envelope<AbTest>)), security(("bearer" = [])))]
pub(super) async fn create_campaign_ab_test(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<CampaignId>,
    body: JsonBody<AbDesign>,
) -> Result<Answer<AbTest>, ApiError> {
    Ok(Answer::created_unnamed(
        campaigns::create_ab_test(&state.app, &auth.scope, id.0, body.0).await?,
    ))
}

/// The A/B test of a campaign, with its figures as they are now.
#[utoipa::path(get, path = "/api/campaigns/{id}/ab-tests", operation_id = "list_campaign_ab_tests", tag = "campaigns",
    params(("id" = CampaignId, Path)),
    responses((status = 200, body = ListEnvelope<AbReport>)), security(("bearer" = [])))]
pub(super) async fn list_campaign_ab_tests(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<CampaignId>,
) -> Result<Listing<AbReport>, ApiError> {
    Ok(Listing(
        campaigns::list_ab_tests(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Decide an A/B test by hand: everybody who waits gets this version.
#[utoipa::path(post, path = "/api/campaigns/{id}/ab-tests/decide", operation_id = "decide_campaign_ab_test",
    tag = "campaigns", params(("id" = CampaignId, Path)), request_body = DecideAbTest,
    responses((status = 200, body = Envelope<AbTest>)), security(("bearer" = [])))]
pub(super) async fn decide_campaign_ab_test(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<CampaignId>,
    body: JsonBody<DecideAbTest>,
) -> Result<Answer<AbTest>, ApiError> {
    Ok(Answer::ok(
        campaigns::decide_ab_test(&state.app, &auth.scope, id.0, body.0).await?,
    ))
}

/// Draft a campaign for those who did not open this one.
#[utoipa::path(post, path = "/api/campaigns/{id}/resend", operation_id = "resend_campaign", tag = "campaigns",
    params(("id" = CampaignId, Path)), request_body = Resend,
    responses((status = 201, body = Envelope<Campaign>)), security(("bearer" = [])))]
pub(super) async fn resend_campaign(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<CampaignId>,
    body: JsonBody<Resend>,
) -> Result<Answer<Campaign>, ApiError> {
    Ok(Answer::created_unnamed(
        campaigns::resend(&state.app, &auth.scope, id.0, body.0).await?,
    ))
}

/// What happened to a campaign's mails, hour by hour.
#[utoipa::path(get, path = "/api/campaigns/{id}/timeline", operation_id = "get_campaign_timeline", tag = "campaigns",
    params(("id" = CampaignId, Path), TimelineQuery),
    responses((status = 200, body = Envelope<Timeline>)), security(("bearer" = [])))]
pub(super) async fn get_campaign_timeline(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<CampaignId>,
    query: Query<TimelineQuery>,
) -> Result<Answer<Timeline>, ApiError> {
    Ok(Answer::ok(
        campaigns::timeline(&state.app, &auth.scope, id.0, query.from, query.hours).await?,
    ))
}
