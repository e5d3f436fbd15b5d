//! `GET /api/jobs`, and what can be done to one.

use super::query::JobQuery;
use crate::http::{Answer, ApiError, ApiState, Auth, Envelope, ListEnvelope, Listing, PathId, Query};
use actix_web::web::{self, Data, ServiceConfig};
use groundswell_app::jobs;
use groundswell_domain::JobId;
use groundswell_domain::jobs::Job;

/// List jobs.
#[utoipa::path(get, path = "/api/jobs", operation_id = "list_jobs", tag = "jobs", params(JobQuery),
    responses((status = 200, body = ListEnvelope<Job>)), security(("bearer" = [])))]
async fn list_jobs(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<JobQuery>,
) -> Result<Listing<Job>, ApiError> {
    let page = query.page()?;
    let jobs = jobs::list_jobs(&state.app, &auth.scope, &query.into_inner().filter(), &page).await?;
    Ok(Listing(jobs))
}

/// Read a job.
#[utoipa::path(get, path = "/api/jobs/{id}", operation_id = "get_job", tag = "jobs", params(("id" = JobId, Path)),
    responses((status = 200, body = Envelope<Job>)), security(("bearer" = [])))]
async fn get_job(state: Data<ApiState>, auth: Auth, id: PathId<JobId>) -> Result<Answer<Job>, ApiError> {
    Ok(Answer::ok(jobs::get_job(&state.app, &auth.scope, id.0).await?))
}

/// Cancel a job that is queued or running.
#[utoipa::path(post, path = "/api/jobs/{id}/cancel", operation_id = "cancel_job", tag = "jobs", params(("id" = JobId, Path)),
    responses((status = 200, body = Envelope<Job>)), security(("bearer" = [])))]
async fn cancel_job(state: Data<ApiState>, auth: Auth, id: PathId<JobId>) -> Result<Answer<Job>, ApiError> {
    Ok(Answer::ok(jobs::cancel_job(&state.app, &auth.scope, id.0).await?))
}

/// Run a failed, discarded or cancelled job once more, with all its attempts.
#[utoipa::path(post, path = "/api/jobs/{id}/retry", operation_id = "retry_job", tag = "jobs", params(("id" = JobId, Path)),
    responses((status = 200, body = Envelope<Job>)), security(("bearer" = [])))]
async fn retry_job(state: Data<ApiState>, auth: Auth, id: PathId<JobId>) -> Result<Answer<Job>, ApiError> {
    Ok(Answer::ok(jobs::retry_job(&state.app, &auth.scope, id.0).await?))
}

#[derive(utoipa::OpenApi)]
#[openapi(paths(list_jobs, get_job, cancel_job, retry_job))]
pub(crate) struct Docs;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(web::resource("/api/jobs").get(list_jobs))
        .service(web::resource("/api/jobs/{id}").get(get_job))
        .service(web::resource("/api/jobs/{id}/cancel").post(cancel_job))
        .service(web::resource("/api/jobs/{id}/retry").post(retry_job));
}
