//! Sequences as people manage them.

use super::query::SequenceQuery;
use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, IfMatch, JsonBody, ListEnvelope, Listing, Nothing, PathId,
    Query,
};
use actix_web::web::Data;
use groundswell_app::sequences::{
    self, NewSequence, SequenceEdit, SequencePatch, SimulateInput, WebhookSecret,
};
use groundswell_domain::SequenceId;
use groundswell_domain::sequences::{Sequence, SequenceStats, Simulation};

/// Create a sequence, as a draft. Mistakes in its steps name the step.
#[utoipa::path(post, path = "/api/email/sequences", operation_id = "create_sequence", tag = "sequences", request_body = NewSequence,
    responses((status = 201, body = Envelope<Sequence>)), security(("bearer" = [])))]
pub(super) async fn create_sequence(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<NewSequence>,
) -> Result<Answer<Sequence>, ApiError> {
    let made = sequences::create_sequence(&state.app, &auth.scope, body.0).await?;
    Ok(Answer::created(format!("/api/email/sequences/{}", made.id), made))
}

/// List sequences.
#[utoipa::path(get, path = "/api/email/sequences", operation_id = "list_sequences", tag = "sequences", params(SequenceQuery),
    responses((status = 200, body = ListEnvelope<Sequence>)), security(("bearer" = [])))]
pub(super) async fn list_sequences(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<SequenceQuery>,
) -> Result<Listing<Sequence>, ApiError> {
    let (name, page) = (query.q.as_deref(), query.page()?);
    Ok(Listing(
        sequences::list_sequences(&state.app, &auth.scope, query.status, name, &page).await?,
    ))
}

/// Read a sequence with its newest steps.
#[utoipa::path(get, path = "/api/email/sequences/{id}", operation_id = "get_sequence", tag = "sequences",
    params(("id" = SequenceId, Path)), responses((status = 200, body = Envelope<Sequence>)), security(("bearer" = [])))]
pub(super) async fn get_sequence(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SequenceId>,
) -> Result<Answer<Sequence>, ApiError> {
    Ok(Answer::versioned(
        sequences::get_sequence(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Replace a sequence. Those inside stay on their version, or are moved, as `migrate` says.
#[utoipa::path(put, path = "/api/email/sequences/{id}", operation_id = "replace_sequence", tag = "sequences",
    params(("id" = SequenceId, Path), IfMatch), request_body = SequenceEdit,
    responses((status = 200, body = Envelope<Sequence>)), security(("bearer" = [])))]
pub(super) async fn replace_sequence(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SequenceId>,
    expected: IfMatch,
    body: JsonBody<SequenceEdit>,
) -> Result<Answer<Sequence>, ApiError> {
    Ok(Answer::versioned(
        sequences::replace_sequence(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Change a sequence: what is absent stays. Those inside stay on their version, or are moved, as `migrate` says.
#[utoipa::path(patch, path = "/api/email/sequences/{id}", operation_id = "update_sequence", tag = "sequences",
    params(("id" = SequenceId, Path), IfMatch), request_body = SequencePatch,
    responses((status = 200, body = Envelope<Sequence>)), security(("bearer" = [])))]
pub(super) async fn update_sequence(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SequenceId>,
    expected: IfMatch,
    body: JsonBody<SequencePatch>,
) -> Result<Answer<Sequence>, ApiError> {
    Ok(Answer::versioned(
        sequences::update_sequence(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Delete a sequence with everybody in it. Refused while it is active; mails that were sent stay.
#[utoipa::path(delete, path = "/api/email/sequences/{id}", operation_id = "delete_sequence", tag = "sequences",
    params(("id" = SequenceId, Path)), responses((status = 200, body = Envelope<Nothing>)), security(("bearer" = [])))]
pub(super) async fn delete_sequence(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SequenceId>,
) -> Result<Nothing, ApiError> {
    sequences::delete_sequence(&state.app, &auth.scope, id.0).await?;
    Ok(Nothing)
}

/// Activate a sequence: leads come in, and those inside go on.
#[utoipa::path(post, path = "/api/email/sequences/{id}/activate", operation_id = "activate_sequence", tag = "sequences",
    params(("id" = SequenceId, Path)), responses((status = 200, body = Envelope<Sequence>)), security(("bearer" = [])))]
pub(super) async fn activate_sequence(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SequenceId>,
) -> Result<Answer<Sequence>, ApiError> {
    Ok(Answer::versioned(
        sequences::activate_sequence(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Pause a sequence: nobody comes in, and those inside stay where they are.
#[utoipa::path(post, path = "/api/email/sequences/{id}/pause", operation_id = "pause_sequence", tag = "sequences",
    params(("id" = SequenceId, Path)), responses((status = 200, body = Envelope<Sequence>)), security(("bearer" = [])))]
pub(super) async fn pause_sequence(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SequenceId>,
) -> Result<Answer<Sequence>, ApiError> {
    Ok(Answer::versioned(
        sequences::pause_sequence(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Show what would happen to a lead, day by day. The interpreter of the real thing runs on a made clock; nothing is changed.
#[utoipa::path(post, path = "/api/email/sequences/{id}/simulate", operation_id = "simulate_sequence", tag = "sequences",
    params(("id" = SequenceId, Path)), request_body = SimulateInput,
    responses((status = 200, body = Envelope<Simulation>)), security(("bearer" = [])))]
pub(super) async fn simulate_sequence(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SequenceId>,
    body: JsonBody<SimulateInput>,
) -> Result<Answer<Simulation>, ApiError> {
    Ok(Answer::ok(
        sequences::simulate_sequence(&state.app, &auth.scope, id.0, body.0).await?,
    ))
}

/// Read the numbers of a sequence: who entered, is inside and left why, and what came of each step.
#[utoipa::path(get, path = "/api/email/sequences/{id}/stats", operation_id = "get_sequence_stats", tag = "sequences",
    params(("id" = SequenceId, Path)), responses((status = 200, body = Envelope<SequenceStats>)), security(("bearer" = [])))]
pub(super) async fn get_sequence_stats(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SequenceId>,
) -> Result<Answer<SequenceStats>, ApiError> {
    Ok(Answer::ok(
        sequences::sequence_stats(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Read the secret with which calls of this sequence's webhooks are signed (Standard Webhooks).
#[utoipa::path(get, path = "/api/email/sequences/{id}/webhook-secret", operation_id = "get_sequence_webhook_secret", tag = "sequences",
    params(("id" = SequenceId, Path)), responses((status = 200, body = Envelope<WebhookSecret>)), security(("bearer" = [])))]
pub(super) async fn get_sequence_webhook_secret(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SequenceId>,
) -> Result<Answer<WebhookSecret>, ApiError> {
    Ok(Answer::ok(
        sequences::webhook_secret(&state.app, &auth.scope, id.0).await?,
    ))
}
