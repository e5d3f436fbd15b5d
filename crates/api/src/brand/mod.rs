//! The brand: what mails say of the organization.

use crate::http::{Answer, ApiError, ApiState, Auth, Envelope, IfMatch, JsonBody};
use actix_web::web::{Data, ServiceConfig, resource};
use groundswell_app::brand::{self, BrandInput};
use groundswell_domain::brand::OrganizationBrand;

#[derive(utoipa::OpenApi)]
#[openapi(paths(get_brand, replace_brand))]
pub(crate) struct Docs;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(resource("/api/brand").get(get_brand).put(replace_brand));
}

/// Read the brand.
#[utoipa::path(get, path = "/api/brand", operation_id = "get_brand", tag = "brand",
    responses((status = 200, body = Envelope<OrganizationBrand>)), security(("bearer" = [])))]
async fn get_brand(state: Data<ApiState>, auth: Auth) -> Result<Answer<OrganizationBrand>, ApiError> {
    Ok(Answer::versioned(
        brand::get_brand(&state.app, &auth.scope).await?,
    ))
}

/// Replace the brand: what is absent is not said any more.
#[utoipa::path(put, path = "/api/brand", operation_id = "replace_brand", tag = "brand", params(IfMatch), request_body = BrandInput,
    responses((status = 200, body = Envelope<OrganizationBrand>)), security(("bearer" = [])))]
async fn replace_brand(
    state: Data<ApiState>,
    auth: Auth,
    expected: IfMatch,
    body: JsonBody<BrandInput>,
) -> Result<Answer<OrganizationBrand>, ApiError> {
    Ok(Answer::versioned(
        brand::replace_brand(&state.app, &auth.scope, body.0, expected.0).await?,
    ))
}
