//! Who is in a sequence, and what happens to leads elsewhere.

use super::query::EnrollmentQuery;
use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, JsonBody, ListEnvelope, Listing, PathId, Query,
};
use actix_web::web::Data;
use groundswell_app::sequences::{self, EnrollInput, Enrolled, EventInput, ExitInput};
use groundswell_domain::leads::LeadEvent;
use groundswell_domain::sequences::Enrollment;
use groundswell_domain::{LeadId, SequenceId};

/// Let leads into a sequence: at once, or those of a segment by a job (202).
#[utoipa::path(post, path = "/api/email/sequences/{id}/enroll", operation_id = "enroll_leads", tag = "sequences",
    params(("id" = SequenceId, Path)), request_body = EnrollInput,
    responses((status = 200, body = Envelope<Enrolled>), (status = 202, body = Envelope<Enrolled>)), security(("bearer" = [])))]
pub(super) async fn enroll_leads(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SequenceId>,
    body: JsonBody<EnrollInput>,
) -> Result<Answer<Enrolled>, ApiError> {
    let enrolled = sequences::enroll(&state.app, &auth.scope, id.0, body.0).await?;
    Ok(if enrolled.job_id.is_some() {
        Answer::accepted(enrolled)
    } else {
        Answer::ok(enrolled)
    })
}

/// List who is, or was, in a sequence: where they are, when they go on, and why they left.
#[utoipa::path(get, path = "/api/email/sequences/{id}/enrollments", operation_id = "list_enrollments", tag = "sequences",
    params(("id" = SequenceId, Path), EnrollmentQuery),
    responses((status = 200, body = ListEnvelope<Enrollment>)), security(("bearer" = [])))]
pub(super) async fn list_enrollments(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SequenceId>,
    query: Query<EnrollmentQuery>,
) -> Result<Listing<Enrollment>, ApiError> {
    let (filter, page) = (query.filter(), query.page()?);
    Ok(Listing(
        sequences::list_enrollments(&state.app, &auth.scope, id.0, &filter, &page).await?,
    ))
}

/// Take a lead out of a sequence.
#[utoipa::path(post, path = "/api/email/sequences/{id}/exit", operation_id = "exit_lead", tag = "sequences",
    params(("id" = SequenceId, Path)), request_body = ExitInput,
    responses((status = 200, body = Envelope<Enrollment>)), security(("bearer" = [])))]
pub(super) async fn exit_lead(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SequenceId>,
    body: JsonBody<ExitInput>,
) -> Result<Answer<Enrollment>, ApiError> {
    Ok(Answer::ok(
        sequences::exit_lead(&state.app, &auth.scope, id.0, body.0).await?,
    ))
}

/// Tell that something happened to a lead, which can let it into sequences or let it go on in them.
#[utoipa::path(post, path = "/api/leads/{id}/events", operation_id = "add_lead_event", tag = "leads",
    params(("id" = LeadId, Path)), request_body = EventInput,
    responses((status = 201, body = Envelope<LeadEvent>)), security(("bearer" = [])))]
pub(super) async fn add_lead_event(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<LeadId>,
    body: JsonBody<EventInput>,
) -> Result<Answer<LeadEvent>, ApiError> {
    Ok(Answer::created_unnamed(
        sequences::add_event(&state.app, &auth.scope, id.0, body.0).await?,
    ))
}
