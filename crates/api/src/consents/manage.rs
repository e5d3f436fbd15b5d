//! One lead's consents.

use super::query::ConsentQuery;
use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, JsonBody, ListEnvelope, Listing, PathId, Query,
};
use actix_web::web::Data;
use groundswell_app::consents::{self, NewConsent};
use groundswell_domain::LeadId;
use groundswell_domain::consents::Consent;

/// List what a lead agreed to and withdrew; with `current=true` only what counts now.
#[utoipa::path(get, path = "/api/leads/{id}/consents", operation_id = "list_consents", tag = "consents",
    params(("id" = LeadId, Path), ConsentQuery),
    responses((status = 200, body = ListEnvelope<Consent>)), security(("bearer" = [])))]
pub(super) async fn list_consents(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<LeadId>,
    query: Query<ConsentQuery>,
) -> Result<Listing<Consent>, ApiError> {
    let page = query.page()?;
    let filter = query.0.filter();
    Ok(Listing(
        consents::list_consents(&state.app, &auth.scope, id.0, &filter, &page).await?,
    ))
}

/// Write down what a lead agreed to, or that they withdrew it.
#[utoipa::path(post, path = "/api/leads/{id}/consents", operation_id = "record_consent", tag = "consents",
    params(("id" = LeadId, Path)), request_body = NewConsent,
    responses((status = 201, body = Envelope<Consent>)), security(("bearer" = [])))]
pub(super) async fn record_consent(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<LeadId>,
    body: JsonBody<NewConsent>,
) -> Result<Answer<Consent>, ApiError> {
    Ok(Answer::created_unnamed(
        consents::record_consent(&state.app, &auth.scope, id.0, body.0).await?,
    ))
}
