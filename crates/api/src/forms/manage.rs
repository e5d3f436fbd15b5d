//! Forms as their owner sees them.

use super::query::{FormQuery, SubmissionQuery};
use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, IfMatch, JsonBody, ListEnvelope, Listing, Nothing, PathId,
    Query,
};
use actix_web::web::Data;
use groundswell_app::forms::{self, FormInput, FormPatch};
use groundswell_domain::FormId;
use groundswell_domain::forms::{Form, Submission};

/// Create a form.
#[utoipa::path(post, path = "/api/lead-capture/forms", operation_id = "create_form", tag = "forms", request_body = FormInput,
    responses((status = 201, body = Envelope<Form>)), security(("bearer" = [])))]
pub(super) async fn create_form(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<FormInput>,
) -> Result<Answer<Form>, ApiError> {
    let form = forms::create_form(&state.app, &auth.scope, body.0).await?;
    Ok(Answer::created(
        format!("/api/lead-capture/forms/{}", form.id),
        form,
    ))
}

/// List forms.
#[utoipa::path(get, path = "/api/lead-capture/forms", operation_id = "list_forms", tag = "forms", params(FormQuery),
    responses((status = 200, body = ListEnvelope<Form>)), security(("bearer" = [])))]
pub(super) async fn list_forms(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<FormQuery>,
) -> Result<Listing<Form>, ApiError> {
    Ok(Listing(
        forms::list_forms(&state.app, &auth.scope, query.q.as_deref(), &query.page()?).await?,
    ))
}

/// Read a form.
#[utoipa::path(get, path = "/api/lead-capture/forms/{id}", operation_id = "get_form", tag = "forms", params(("id" = FormId, Path)),
    responses((status = 200, body = Envelope<Form>)), security(("bearer" = [])))]
pub(super) async fn get_form(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<FormId>,
) -> Result<Answer<Form>, ApiError> {
    Ok(Answer::versioned(
        forms::get_form(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Replace a form.
#[utoipa::path(put, path = "/api/lead-capture/forms/{id}", operation_id = "replace_form", tag = "forms", params(("id" = FormId, Path), IfMatch),
    request_body = FormInput, responses((status = 200, body = Envelope<Form>)), security(("bearer" = [])))]
pub(super) async fn replace_form(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<FormId>,
    expected: IfMatch,
    body: JsonBody<FormInput>,
) -> Result<Answer<Form>, ApiError> {
    Ok(Answer::versioned(
        forms::replace_form(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Change a form: what is absent stays.
#[utoipa::path(patch, path = "/api/lead-capture/forms/{id}", operation_id = "update_form", tag = "forms", params(("id" = FormId, Path), IfMatch),
    request_body = FormPatch, responses((status = 200, body = Envelope<Form>)), security(("bearer" = [])))]
pub(super) async fn update_form(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<FormId>,
    expected: IfMatch,
    body: JsonBody<FormPatch>,
) -> Result<Answer<Form>, ApiError> {
    Ok(Answer::versioned(
        forms::patch_form(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Delete a form with its submissions; the leads stay.
#[utoipa::path(delete, path = "/api/lead-capture/forms/{id}", operation_id = "delete_form", tag = "forms", params(("id" = FormId, Path)),
    responses((status = 200, body = Envelope<Nothing>)), security(("bearer" = [])))]
pub(super) async fn delete_form(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<FormId>,
) -> Result<Nothing, ApiError> {
    forms::delete_form(&state.app, &auth.scope, id.0).await?;
    Ok(Nothing)
}

/// List what visitors sent: what was accepted, or with `status` what was held back.
#[utoipa::path(get, path = "/api/lead-capture/forms/{id}/submissions", operation_id = "list_submissions", tag = "forms",
    params(("id" = FormId, Path), SubmissionQuery),
    responses((status = 200, body = ListEnvelope<Submission>)), security(("bearer" = [])))]
pub(super) async fn list_submissions(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<FormId>,
    query: Query<SubmissionQuery>,
) -> Result<Listing<Submission>, ApiError> {
    let (status, page) = (query.status(), query.page()?);
    Ok(Listing(
        forms::list_submissions(&state.app, &auth.scope, id.0, status, &page).await?,
    ))
}
