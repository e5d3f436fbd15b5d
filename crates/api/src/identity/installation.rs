//! All organizations, for those who operate the installation.

use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, JsonBody, ListEnvelope, Listing, PathId, Query, page_request,
};
use actix_web::web::Data;
use groundswell_app::identity::{self, NewAdministrator, NewOrganization};
use groundswell_domain::identity::{Organization, OrganizationFilter, OrganizationSort, User};
use groundswell_domain::{OrganizationId, PageRequest, Sort};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct OrganizationQuery {
    /// Part of the name, without case.
    name: Option<String>,
    /// 1 to 200, 50 when absent.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// `created_at` or `name`; descending with a `-` before it.
    sort: Option<String>,
    /// Count the whole list as well.
    with_total: Option<bool>,
}

impl OrganizationQuery {
    fn page(&self) -> Result<PageRequest<OrganizationSort>, ApiError> {
        page_request(
            self.limit,
            self.cursor.as_deref(),
            self.sort.as_deref(),
            self.with_total,
            Sort::descending(OrganizationSort::CreatedAt),
        )
    }
}

/// List the organizations of the installation.
#[utoipa::path(get, path = "/api/admin/organizations", operation_id = "list_organizations", tag = "installation",
    params(OrganizationQuery), responses((status = 200, body = ListEnvelope<Organization>)), security(("bearer" = [])))]
pub(super) async fn list_organizations(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<OrganizationQuery>,
) -> Result<Listing<Organization>, ApiError> {
    let page = query.page()?;
    let filter = OrganizationFilter { name: query.0.name };
    Ok(Listing(
        identity::list_organizations(&state.app, &auth.scope, &filter, &page).await?,
    ))
}

/// Make an organization, and invite its first administrator by mail.
#[utoipa::path(post, path = "/api/admin/organizations", operation_id = "create_organization", tag = "installation",
    request_body = NewOrganization, responses((status = 201, body = Envelope<Organization>)), security(("bearer" = [])))]
pub(super) async fn create_organization(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<NewOrganization>,
) -> Result<Answer<Organization>, ApiError> {
    let made = identity::create_organization(&state.app, &auth.scope, body.0).await?;
    Ok(Answer::created(
        format!("/api/admin/organizations/{}", made.id),
        made,
    ))
}

/// Look at one organization.
#[utoipa::path(get, path = "/api/admin/organizations/{id}", operation_id = "visit_organization", tag = "installation",
    params(("id" = OrganizationId, Path)), responses((status = 200, body = Envelope<Organization>)), security(("bearer" = [])))]
pub(super) async fn visit_organization(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<OrganizationId>,
) -> Result<Answer<Organization>, ApiError> {
    Ok(Answer::ok(
        identity::visit_organization(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Invite an administrator to an organization, for example to one whose own are gone.
#[utoipa::path(post, path = "/api/admin/organizations/{id}/administrators", operation_id = "add_administrator",
    tag = "installation", params(("id" = OrganizationId, Path)), request_body = NewAdministrator,
    responses((status = 201, body = Envelope<User>)), security(("bearer" = [])))]
pub(super) async fn add_administrator(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<OrganizationId>,
    body: JsonBody<NewAdministrator>,
) -> Result<Answer<User>, ApiError> {
    let user = identity::add_administrator(&state.app, &auth.scope, id.0, body.0).await?;
    Ok(Answer::created(
        format!("/api/admin/organizations/{}", user.organization_id),
        user,
    ))
}
