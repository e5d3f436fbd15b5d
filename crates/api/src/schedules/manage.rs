//! Schedules as people manage and use them.

use super::query::ScheduleQuery;
use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, IfMatch, JsonBody, ListEnvelope, Listing, Nothing, PathId,
    Query,
};
use actix_web::web::Data;
use groundswell_app::schedules::{self, NewSchedule, RunStarted, SchedulePatch};
use groundswell_domain::ScheduleId;
use groundswell_domain::schedules::Schedule;

/// Create a schedule. It works for the organization; whoever makes it must be allowed to do by hand what it does.
#[utoipa::path(post, path = "/api/schedules", operation_id = "create_schedule", tag = "schedules", request_body = NewSchedule,
    responses((status = 201, body = Envelope<Schedule>)), security(("bearer" = [])))]
pub(super) async fn create_schedule(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<NewSchedule>,
) -> Result<Answer<Schedule>, ApiError> {
    let schedule = schedules::create_schedule(&state.app, &auth.scope, body.0).await?;
    Ok(Answer::created(
        format!("/api/schedules/{}", schedule.id),
        schedule,
    ))
}

/// List schedules. The runs of one are `GET /api/jobs?schedule_id=...&kind=schedules.run`.
#[utoipa::path(get, path = "/api/schedules", operation_id = "list_schedules", tag = "schedules", params(ScheduleQuery),
    responses((status = 200, body = ListEnvelope<Schedule>)), security(("bearer" = [])))]
pub(super) async fn list_schedules(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<ScheduleQuery>,
) -> Result<Listing<Schedule>, ApiError> {
    let page = query.page()?;
    Ok(Listing(
        schedules::list_schedules(&state.app, &auth.scope, query.enabled, &page).await?,
    ))
}

/// Read a schedule.
#[utoipa::path(get, path = "/api/schedules/{id}", operation_id = "get_schedule", tag = "schedules", params(("id" = ScheduleId, Path)),
    responses((status = 200, body = Envelope<Schedule>)), security(("bearer" = [])))]
pub(super) async fn get_schedule(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<ScheduleId>,
) -> Result<Answer<Schedule>, ApiError> {
    Ok(Answer::versioned(
        schedules::get_schedule(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Replace a schedule.
#[utoipa::path(put, path = "/api/schedules/{id}", operation_id = "replace_schedule", tag = "schedules",
    params(("id" = ScheduleId, Path), IfMatch), request_body = NewSchedule,
    responses((status = 200, body = Envelope<Schedule>)), security(("bearer" = [])))]
pub(super) async fn replace_schedule(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<ScheduleId>,
    expected: IfMatch,
    body: JsonBody<NewSchedule>,
) -> Result<Answer<Schedule>, ApiError> {
    Ok(Answer::versioned(
        schedules::replace_schedule(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Change a schedule: what is absent stays. `enabled: false` pauses it.
#[utoipa::path(patch, path = "/api/schedules/{id}", operation_id = "update_schedule", tag = "schedules",
    params(("id" = ScheduleId, Path), IfMatch), request_body = SchedulePatch,
    responses((status = 200, body = Envelope<Schedule>)), security(("bearer" = [])))]
pub(super) async fn update_schedule(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<ScheduleId>,
    expected: IfMatch,
    body: JsonBody<SchedulePatch>,
) -> Result<Answer<Schedule>, ApiError> {
    Ok(Answer::versioned(
        schedules::update_schedule(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Delete a schedule. Runs that go on go on to their end.
#[utoipa::path(delete, path = "/api/schedules/{id}", operation_id = "delete_schedule", tag = "schedules", params(("id" = ScheduleId, Path)),
    responses((status = 200, body = Envelope<Nothing>)), security(("bearer" = [])))]
pub(super) async fn delete_schedule(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<ScheduleId>,
) -> Result<Nothing, ApiError> {
    schedules::delete_schedule(&state.app, &auth.scope, id.0).await?;
    Ok(Nothing)
}

/// Run a schedule now, also one that is paused. Refused while `max_instances` runs go on.
#[utoipa::path(post, path = "/api/schedules/{id}/run", operation_id = "run_schedule", tag = "schedules",
    params(("id" = ScheduleId, Path)), responses((status = 202, body = Envelope<RunStarted>)), security(("bearer" = [])))]
pub(super) async fn run_schedule(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<ScheduleId>,
) -> Result<Answer<RunStarted>, ApiError> {
    Ok(Answer::accepted(
        schedules::run_schedule(&state.app, &auth.scope, id.0).await?,
    ))
}
