//! Where leads stand and why, and the rules that move them.

use super::query::{QualificationQuery, RulesQuery};
use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, IfMatch, JsonBody, ListEnvelope, Listing, Nothing, PathId,
    Query,
};
use actix_web::web::Data;
use groundswell_app::qualification::{
    self, ConvertInput, NoteInput, Qualification, QualifyInput, RuleSetInput, RuleSetPatch,
    RulesPreviewInput, StageInput,
};
use groundswell_domain::leads::{Lead, LeadEvent};
use groundswell_domain::qualification::{RuleSet, StagePreview};
use groundswell_domain::{LeadId, RuleSetId};

/// Read where a lead stands: what is known of it, the verdict, and what to ask next.
#[utoipa::path(get, path = "/api/leads/{id}/qualification", operation_id = "get_lead_qualification", tag = "leads",
    params(("id" = LeadId, Path), QualificationQuery),
    responses((status = 200, body = Envelope<Qualification>)), security(("bearer" = [])))]
pub(super) async fn get_qualification(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<LeadId>,
    query: Query<QualificationQuery>,
) -> Result<Answer<Qualification>, ApiError> {
    Ok(Answer::ok(
        qualification::get_qualification(&state.app, &auth.scope, id.0, query.framework).await?,
    ))
}

/// Write down what was found out about a lead, and let the rules look at it. Without answers it is only looked at.
#[utoipa::path(post, path = "/api/leads/{id}/qualify", operation_id = "qualify_lead", tag = "leads",
    params(("id" = LeadId, Path)), request_body = QualifyInput,
    responses((status = 200, body = Envelope<Qualification>)), security(("bearer" = [])))]
pub(super) async fn qualify_lead(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<LeadId>,
    body: JsonBody<QualifyInput>,
) -> Result<Answer<Qualification>, ApiError> {
    Ok(Answer::ok(
        qualification::qualify_lead(&state.app, &auth.scope, id.0, body.0).await?,
    ))
}

/// Set a lead's stage by hand, with a reason. Rules leave it alone then, until it is set with `"hold": false`.
#[utoipa::path(post, path = "/api/leads/{id}/stage", operation_id = "set_lead_stage", tag = "leads",
    params(("id" = LeadId, Path)), request_body = StageInput,
    responses((status = 200, body = Envelope<Qualification>)), security(("bearer" = [])))]
pub(super) async fn set_stage(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<LeadId>,
    body: JsonBody<StageInput>,
) -> Result<Answer<Qualification>, ApiError> {
    Ok(Answer::ok(
        qualification::set_stage(&state.app, &auth.scope, id.0, body.0).await?,
    ))
}

/// A lead became a customer. Works once.
#[utoipa::path(post, path = "/api/leads/{id}/convert", operation_id = "convert_lead", tag = "leads",
    params(("id" = LeadId, Path)), request_body = ConvertInput,
    responses((status = 200, body = Envelope<Lead>)), security(("bearer" = [])))]
pub(super) async fn convert_lead(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<LeadId>,
    body: JsonBody<ConvertInput>,
) -> Result<Answer<Lead>, ApiError> {
    Ok(Answer::versioned(
        qualification::convert_lead(&state.app, &auth.scope, id.0, body.0).await?,
    ))
}

/// Write a note about a lead; it is part of the timeline.
#[utoipa::path(post, path = "/api/leads/{id}/notes", operation_id = "add_lead_note", tag = "leads",
    params(("id" = LeadId, Path)), request_body = NoteInput,
    responses((status = 201, body = Envelope<LeadEvent>)), security(("bearer" = [])))]
pub(super) async fn add_note(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<LeadId>,
    body: JsonBody<NoteInput>,
) -> Result<Answer<LeadEvent>, ApiError> {
    Ok(Answer::created_unnamed(
        qualification::add_note(&state.app, &auth.scope, id.0, body.0).await?,
    ))
}

/// Create qualification rules. Enabled ones look at all leads, in the background.
#[utoipa::path(post, path = "/api/leads/qualification/rules", operation_id = "create_qualification_rules", tag = "leads",
    request_body = RuleSetInput,
    responses((status = 201, body = Envelope<RuleSet>)), security(("bearer" = [])))]
pub(super) async fn create_rules(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<RuleSetInput>,
) -> Result<Answer<RuleSet>, ApiError> {
    let rules = qualification::create_rules(&state.app, &auth.scope, body.0).await?;
    Ok(Answer::created(
        format!("/api/leads/qualification/rules/{}", rules.id),
        rules,
    ))
}

/// List qualification rules.
#[utoipa::path(get, path = "/api/leads/qualification/rules", operation_id = "list_qualification_rules", tag = "leads",
    params(RulesQuery),
    responses((status = 200, body = ListEnvelope<RuleSet>)), security(("bearer" = [])))]
pub(super) async fn list_rules(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<RulesQuery>,
) -> Result<Listing<RuleSet>, ApiError> {
    let page = query.page()?;
    Ok(Listing(
        qualification::list_rules(&state.app, &auth.scope, query.enabled, &page).await?,
    ))
}

/// Read qualification rules.
#[utoipa::path(get, path = "/api/leads/qualification/rules/{id}", operation_id = "get_qualification_rules", tag = "leads",
    params(("id" = RuleSetId, Path)),
    responses((status = 200, body = Envelope<RuleSet>)), security(("bearer" = [])))]
pub(super) async fn get_rules(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<RuleSetId>,
) -> Result<Answer<RuleSet>, ApiError> {
    Ok(Answer::versioned(
        qualification::get_rules(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Replace qualification rules.
#[utoipa::path(put, path = "/api/leads/qualification/rules/{id}", operation_id = "replace_qualification_rules", tag = "leads",
    params(("id" = RuleSetId, Path), IfMatch), request_body = RuleSetInput,
    responses((status = 200, body = Envelope<RuleSet>)), security(("bearer" = [])))]
pub(super) async fn replace_rules(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<RuleSetId>,
    expected: IfMatch,
    body: JsonBody<RuleSetInput>,
) -> Result<Answer<RuleSet>, ApiError> {
    Ok(Answer::versioned(
        qualification::replace_rules(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Change qualification rules: what is absent stays. Enabled ones look at all leads again, in the background.
#[utoipa::path(patch, path = "/api/leads/qualification/rules/{id}", operation_id = "update_qualification_rules", tag = "leads",
    params(("id" = RuleSetId, Path), IfMatch), request_body = RuleSetPatch,
    responses((status = 200, body = Envelope<RuleSet>)), security(("bearer" = [])))]
pub(super) async fn update_rules(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<RuleSetId>,
    expected: IfMatch,
    body: JsonBody<RuleSetPatch>,
) -> Result<Answer<RuleSet>, ApiError> {
    Ok(Answer::versioned(
        qualification::update_rules(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Delete qualification rules. What they filled and where they moved leads stays.
#[utoipa::path(delete, path = "/api/leads/qualification/rules/{id}", operation_id = "delete_qualification_rules", tag = "leads",
    params(("id" = RuleSetId, Path)),
    responses((status = 200, body = Envelope<Nothing>)), security(("bearer" = [])))]
pub(super) async fn delete_rules(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<RuleSetId>,
) -> Result<Nothing, ApiError> {
    qualification::delete_rules(&state.app, &auth.scope, id.0).await?;
    Ok(Nothing)
}

/// See who would move if rules, or a change of them, went live. Changes nothing.
#[utoipa::path(post, path = "/api/leads/qualification/rules/{id}/preview", operation_id = "preview_qualification_rules", tag = "leads",
    params(("id" = RuleSetId, Path)), request_body = RulesPreviewInput,
    responses((status = 200, body = Envelope<StagePreview>)), security(("bearer" = [])))]
pub(super) async fn preview_rules(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<RuleSetId>,
    body: JsonBody<RulesPreviewInput>,
) -> Result<Answer<StagePreview>, ApiError> {
    Ok(Answer::ok(
        qualification::preview_rules(&state.app, &auth.scope, id.0, body.0).await?,
    ))
}
