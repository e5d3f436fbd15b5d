//! Opens and clicks, as they are judged.

use crate::http::{Answer, ApiError, ApiState, Auth, Envelope};
use actix_web::web::Data;
use groundswell_app::email::{self, Reclassifying};

/// Judge all opens and clicks that are kept by the rules of today. A job does it, and puts counters, histories and scores right.
#[utoipa::path(post, path = "/api/email/events/reclassify", operation_id = "reclassify_events", tag = "email",
    responses((status = 202, body = Envelope<Reclassifying>)), security(("bearer" = [])))]
pub(super) async fn reclassify_events(
    state: Data<ApiState>,
    auth: Auth,
) -> Result<Answer<Reclassifying>, ApiError> {
    Ok(Answer::accepted(
        email::reclassify_events(&state.app, &auth.scope).await?,
    ))
}
