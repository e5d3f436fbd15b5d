//! The organization's settings, and a person's preferences.

use crate::http::{Answer, ApiError, ApiState, Auth, Envelope, IfMatch, JsonBody};
use actix_web::web::Data;
use groundswell_app::identity::{self, OrganizationPatch};
use groundswell_domain::identity::Organization;
use serde_json::{Map, Value};

/// Read your organization's settings.
#[utoipa::path(get, path = "/api/organization", operation_id = "get_organization", tag = "users",
    responses((status = 200, body = Envelope<Organization>)), security(("bearer" = [])))]
pub(super) async fn get_organization(
    state: Data<ApiState>,
    auth: Auth,
) -> Result<Answer<Organization>, ApiError> {
    Ok(Answer::versioned(
        identity::get_organization(&state.app, &auth.scope).await?,
    ))
}

/// Change your organization's settings: what is absent stays.
#[utoipa::path(patch, path = "/api/organization", operation_id = "update_organization", tag = "users",
    request_body = OrganizationPatch, responses((status = 200, body = Envelope<Organization>)), security(("bearer" = [])))]
pub(super) async fn update_organization(
    state: Data<ApiState>,
    auth: Auth,
    expected: IfMatch,
    body: JsonBody<OrganizationPatch>,
) -> Result<Answer<Organization>, ApiError> {
    Ok(Answer::versioned(
        identity::update_organization(&state.app, &auth.scope, body.0, expected.0).await?,
    ))
}

/// Read your preferences: whatever a user interface keeps there.
#[utoipa::path(get, path = "/api/user/preferences", operation_id = "get_preferences", tag = "users",
    responses((status = 200, body = Envelope<Object>)), security(("bearer" = [])))]
pub(super) async fn get_preferences(
    state: Data<ApiState>,
    auth: Auth,
) -> Result<Answer<Map<String, Value>>, ApiError> {
    Ok(Answer::ok(
        identity::get_preferences(&state.app, &auth.scope).await?,
    ))
}

/// Replace your preferences: a JSON object of at most 32 kB.
#[utoipa::path(put, path = "/api/user/preferences", operation_id = "replace_preferences", tag = "users",
    request_body = Object, responses((status = 200, body = Envelope<Object>)), security(("bearer" = [])))]
pub(super) async fn replace_preferences(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<Map<String, Value>>,
) -> Result<Answer<Map<String, Value>>, ApiError> {
    Ok(Answer::ok(
        identity::set_preferences(&state.app, &auth.scope, body.0).await?,
    ))
}
