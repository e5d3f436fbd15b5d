//! Create, read, update, delete.

use super::query::ProjectQuery;
use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, IfMatch, JsonBody, ListEnvelope, Listing, Nothing, PathId,
    Query,
};
use actix_web::web::Data;
use groundswell_app::projects::{self, NewProject, ProjectPatch};
use groundswell_domain::ProjectId;
use groundswell_domain::projects::Project;

/// Create a project.
#[utoipa::path(post, path = "/api/projects", operation_id = "create_project", tag = "projects", request_body = NewProject,
    responses((status = 201, body = Envelope<Project>)), security(("bearer" = [])))]
pub(super) async fn create_project(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<NewProject>,
) -> Result<Answer<Project>, ApiError> {
    let project = projects::create_project(&state.app, &auth.scope, body.0).await?;
    Ok(Answer::created(format!("/api/projects/{}", project.id), project))
}

/// List projects.
#[utoipa::path(get, path = "/api/projects", operation_id = "list_projects", tag = "projects", params(ProjectQuery),
    responses((status = 200, body = ListEnvelope<Project>)), security(("bearer" = [])))]
pub(super) async fn list_projects(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<ProjectQuery>,
) -> Result<Listing<Project>, ApiError> {
    let page = query.page()?;
    Ok(Listing(
        projects::list_projects(&state.app, &auth.scope, &query.0.filter(), &page).await?,
    ))
}

/// Read a project.
#[utoipa::path(get, path = "/api/projects/{id}", operation_id = "get_project", tag = "projects", params(("id" = ProjectId, Path)),
    responses((status = 200, body = Envelope<Project>)), security(("bearer" = [])))]
pub(super) async fn get_project(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<ProjectId>,
) -> Result<Answer<Project>, ApiError> {
    Ok(Answer::versioned(
        projects::get_project(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Replace a project. It can't go to another client while campaigns of this one are in it.
#[utoipa::path(put, path = "/api/projects/{id}", operation_id = "replace_project", tag = "projects", params(("id" = ProjectId, Path), IfMatch),
    request_body = NewProject, responses((status = 200, body = Envelope<Project>)), security(("bearer" = [])))]
pub(super) async fn replace_project(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<ProjectId>,
    expected: IfMatch,
    body: JsonBody<NewProject>,
) -> Result<Answer<Project>, ApiError> {
    Ok(Answer::versioned(
        projects::replace_project(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Change a project: what is absent stays, null clears.
#[utoipa::path(patch, path = "/api/projects/{id}", operation_id = "update_project", tag = "projects", params(("id" = ProjectId, Path), IfMatch),
    request_body = ProjectPatch, responses((status = 200, body = Envelope<Project>)), security(("bearer" = [])))]
pub(super) async fn update_project(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<ProjectId>,
    expected: IfMatch,
    body: JsonBody<ProjectPatch>,
) -> Result<Answer<Project>, ApiError> {
    Ok(Answer::versioned(
        projects::update_project(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Delete a project; its campaigns stay, without it.
#[utoipa::path(delete, path = "/api/projects/{id}", operation_id = "delete_project", tag = "projects", params(("id" = ProjectId, Path)),
    responses((status = 200, body = Envelope<Nothing>)), security(("bearer" = [])))]
pub(super) async fn delete_project(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<ProjectId>,
) -> Result<Nothing, ApiError> {
    projects::delete_project(&state.app, &auth.scope, id.0).await?;
    Ok(Nothing)
}
