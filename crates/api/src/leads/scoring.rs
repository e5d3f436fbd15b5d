//! Scores, and the models that give them.

use super::query::ModelQuery;
use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, IfMatch, JsonBody, ListEnvelope, Listing, Nothing, PathId,
    Query,
};
use actix_web::web::Data;
use groundswell_app::leads::prediction::{self, TrainingStarted};
use groundswell_app::scoring::{self, LeadScore, ModelInput, ModelPatch, PreviewInput};
use groundswell_domain::scoring::{Preview, ScoringModel};
use groundswell_domain::{LeadId, ScoringModelId};

/// Compute a lead's score anew, by all active models.
#[utoipa::path(post, path = "/api/leads/{id}/score", operation_id = "score_lead", tag = "leads", params(("id" = LeadId, Path)),
    responses((status = 200, body = Envelope<LeadScore>)), security(("bearer" = [])))]
pub(super) async fn score_lead(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<LeadId>,
) -> Result<Answer<LeadScore>, ApiError> {
    Ok(Answer::ok(
        scoring::score_lead(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Create a scoring model. An active one scores all leads, in the background.
#[utoipa::path(post, path = "/api/leads/scoring/models", operation_id = "create_scoring_model", tag = "leads", request_body = ModelInput,
    responses((status = 201, body = Envelope<ScoringModel>)), security(("bearer" = [])))]
pub(super) async fn create_model(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<ModelInput>,
) -> Result<Answer<ScoringModel>, ApiError> {
    let model = scoring::create_model(&state.app, &auth.scope, body.0).await?;
    Ok(Answer::created(
        format!("/api/leads/scoring/models/{}", model.id),
        model,
    ))
}

/// List scoring models.
#[utoipa::path(get, path = "/api/leads/scoring/models", operation_id = "list_scoring_models", tag = "leads", params(ModelQuery),
    responses((status = 200, body = ListEnvelope<ScoringModel>)), security(("bearer" = [])))]
pub(super) async fn list_models(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<ModelQuery>,
) -> Result<Listing<ScoringModel>, ApiError> {
    let page = query.page()?;
    Ok(Listing(
        scoring::list_models(&state.app, &auth.scope, query.status, &page).await?,
    ))
}

/// Read a scoring model.
#[utoipa::path(get, path = "/api/leads/scoring/models/{id}", operation_id = "get_scoring_model", tag = "leads",
    params(("id" = ScoringModelId, Path)),
    responses((status = 200, body = Envelope<ScoringModel>)), security(("bearer" = [])))]
pub(super) async fn get_model(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<ScoringModelId>,
) -> Result<Answer<ScoringModel>, ApiError> {
    Ok(Answer::versioned(
        scoring::get_model(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Replace a scoring model.
#[utoipa::path(put, path = "/api/leads/scoring/models/{id}", operation_id = "replace_scoring_model", tag = "leads",
    params(("id" = ScoringModelId, Path), IfMatch), request_body = ModelInput,
    responses((status = 200, body = Envelope<ScoringModel>)), security(("bearer" = [])))]
pub(super) async fn replace_model(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<ScoringModelId>,
    expected: IfMatch,
    body: JsonBody<ModelInput>,
) -> Result<Answer<ScoringModel>, ApiError> {
    Ok(Answer::versioned(
        scoring::replace_model(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Change a scoring model: what is absent stays. Of an active one, all leads are scored anew in the background.
#[utoipa::path(patch, path = "/api/leads/scoring/models/{id}", operation_id = "update_scoring_model", tag = "leads",
    params(("id" = ScoringModelId, Path), IfMatch), request_body = ModelPatch,
    responses((status = 200, body = Envelope<ScoringModel>)), security(("bearer" = [])))]
pub(super) async fn update_model(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<ScoringModelId>,
    expected: IfMatch,
    body: JsonBody<ModelPatch>,
) -> Result<Answer<ScoringModel>, ApiError> {
    Ok(Answer::versioned(
        scoring::update_model(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Delete a scoring model with what it gave; the primary one can't be deleted.
#[utoipa::path(delete, path = "/api/leads/scoring/models/{id}", operation_id = "delete_scoring_model", tag = "leads",
    params(("id" = ScoringModelId, Path)),
    responses((status = 200, body = Envelope<Nothing>)), security(("bearer" = [])))]
pub(super) async fn delete_model(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<ScoringModelId>,
) -> Result<Nothing, ApiError> {
    scoring::delete_model(&state.app, &auth.scope, id.0).await?;
    Ok(Nothing)
}

/// See who would move if a model, or a change of it, went live. Changes nothing.
#[utoipa::path(post, path = "/api/leads/scoring/models/{id}/preview", operation_id = "preview_scoring_model", tag = "leads",
    params(("id" = ScoringModelId, Path)), request_body = PreviewInput,
    responses((status = 200, body = Envelope<Preview>)), security(("bearer" = [])))]
pub(super) async fn preview_model(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<ScoringModelId>,
    body: JsonBody<PreviewInput>,
) -> Result<Answer<Preview>, ApiError> {
    Ok(Answer::ok(
        scoring::preview_model(&state.app, &auth.scope, id.0, body.0).await?,
    ))
}

/// Learn the prediction that stands beside the points of a model, from all outcomes so far, as a job: the same as
/// `POST /api/leads/predictions/train`. Rules are written by people, and stay as they are.
#[utoipa::path(post, path = "/api/leads/scoring/models/{id}/train", operation_id = "train_scoring_model", tag = "leads",
    params(("id" = ScoringModelId, Path)),
    responses((status = 202, body = Envelope<TrainingStarted>)), security(("bearer" = [])))]
pub(super) async fn train_model(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<ScoringModelId>,
) -> Result<Answer<TrainingStarted>, ApiError> {
    Ok(Answer::accepted(
        prediction::start_training_beside(&state.app, &auth.scope, id.0).await?,
    ))
}
