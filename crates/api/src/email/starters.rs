//! The library of templates to begin with.

use crate::http::{Answer, ApiError, ApiState, Auth, Envelope, JsonBody};
use actix_web::web::Data;
use groundswell_app::email::{self, StarterInput};
use groundswell_domain::email::{Starter, Template};

/// List the templates that come with the program.
#[utoipa::path(get, path = "/api/email/starters", operation_id = "list_template_starters", tag = "email",
    responses((status = 200, body = Envelope<Vec<Starter>>)), security(("bearer" = [])))]
pub(super) async fn list_starters(auth: Auth) -> Result<Answer<Vec<Starter>>, ApiError> {
    Ok(Answer::ok(email::list_starters(&auth.scope)?))
}

/// Make a template of one's own from one of them.
#[utoipa::path(post, path = "/api/email/starters", operation_id = "create_template_from_starter", tag = "email", request_body = StarterInput,
    responses((status = 201, body = Envelope<Template>)), security(("bearer" = [])))]
pub(super) async fn create_from_starter(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<StarterInput>,
) -> Result<Answer<Template>, ApiError> {
    // Its address is not below this one, where a repeated answer would place it.
    Ok(Answer::created_unnamed(
        email::create_from_starter(&state.app, &auth.scope, body.0).await?,
    ))
}
