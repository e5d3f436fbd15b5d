//! A form, tried by somebody of the organization.

use super::sent::Sent;
use super::webhook::{CaptureBody, command};
use crate::http::{Answer, ApiError, ApiState, Auth, Envelope, JsonBody, PathId};
use actix_web::HttpRequest;
use actix_web::web::Data;
use groundswell_app::forms::{self, Taken};
use groundswell_domain::FormId;
use serde_json::{Map, Value};

/// Try a form: what happens is what happens to visitors, mails included. The submission is marked as a `test`, and so is its
/// lead, by a tag of that name, if it is new.
#[utoipa::path(post, path = "/api/lead-capture/forms/{id}/test", operation_id = "test_form", tag = "forms",
    params(("id" = FormId, Path)), request_body = CaptureBody,
    responses((status = 201, body = Envelope<Taken>)), security(("bearer" = [])))]
pub(super) async fn test_form(
    state: Data<ApiState>,
    request: HttpRequest,
    auth: Auth,
    id: PathId<FormId>,
    body: JsonBody<Map<String, Value>>,
) -> Result<Answer<Taken>, ApiError> {
    let form = forms::form_to_test(&state.app, &auth.scope, id.0).await?;
    let capture = command(form.id, &request, Sent::from_json(&form, body.0)?, None);
    let captured = forms::test_form(&state.app, &auth.scope, &form, capture).await?;
    Ok(Answer::created_unnamed(Taken {
        lead_id: captured.lead_id,
        submission_id: captured.submission_id,
    }))
}
