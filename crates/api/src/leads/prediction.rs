//! The prediction: training it, how good it is, and what it says of a lead.

use crate::http::{Answer, ApiError, ApiState, Auth, Envelope, PathId};
use actix_web::web::Data;
use groundswell_app::leads::prediction::{self, LeadPredictionView, PredictionOverview, TrainingStarted};
use groundswell_domain::LeadId;

/// Learn from all outcomes so far, as a job.
#[utoipa::path(post, path = "/api/leads/predictions/train", operation_id = "train_prediction", tag = "leads",
    responses((status = 202, body = Envelope<TrainingStarted>)), security(("bearer" = [])))]
pub(super) async fn train(state: Data<ApiState>, auth: Auth) -> Result<Answer<TrainingStarted>, ApiError> {
    Ok(Answer::accepted(
        prediction::start_training(&state.app, &auth.scope).await?,
    ))
}

/// How good the prediction is, or why it can't tell.
#[utoipa::path(get, path = "/api/leads/predictions", operation_id = "get_prediction", tag = "leads",
    responses((status = 200, body = Envelope<PredictionOverview>)), security(("bearer" = [])))]
pub(super) async fn get_prediction(
    state: Data<ApiState>,
    auth: Auth,
) -> Result<Answer<PredictionOverview>, ApiError> {
    Ok(Answer::ok(
        prediction::get_prediction(&state.app, &auth.scope).await?,
    ))
}

/// How probable it is that a lead converts, and why.
#[utoipa::path(get, path = "/api/leads/{id}/prediction", operation_id = "get_lead_prediction", tag = "leads",
    params(("id" = LeadId, Path)),
    responses((status = 200, body = Envelope<LeadPredictionView>)), security(("bearer" = [])))]
pub(super) async fn get_lead_prediction(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<LeadId>,
) -> Result<Answer<LeadPredictionView>, ApiError> {
    Ok(Answer::ok(
        prediction::get_lead_prediction(&state.app, &auth.scope, id.0).await?,
    ))
}
