//! Erasing people, and the receipts of it.

use super::query::ErasureQuery;
use super::whole;
use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, JsonBody, ListEnvelope, Listing, PathId, Query,
};
use actix_web::web::Data;
use groundswell_app::privacy::{self, NewErasure};
use groundswell_domain::privacy::Erasure;
use groundswell_domain::{ErasureId, LeadId};

/// Erase a lead for good: everything about them is deleted or made anonymous, and the address is kept as a hash only, which
/// still stops mail and imports. Numbers stay as they are. The answer is the receipt.
#[utoipa::path(post, path = "/api/leads/{id}/erase", operation_id = "erase_lead", tag = "privacy", params(("id" = LeadId, Path)),
    responses((status = 200, body = Envelope<Erasure>)), security(("bearer" = [])))]
pub(super) async fn erase_lead(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<LeadId>,
) -> Result<Answer<Erasure>, ApiError> {
    let erasing = async move { privacy::erase_lead(&state.app, &auth.scope, id.0).await };
    Ok(Answer::ok(whole(erasing).await?))
}

/// Erase whoever has a mail address, also someone who is no lead, or no longer: mails and imports may name them.
#[utoipa::path(post, path = "/api/privacy/erasures", operation_id = "create_erasure", tag = "privacy", request_body = NewErasure,
    responses((status = 201, body = Envelope<Erasure>)), security(("bearer" = [])))]
pub(super) async fn create_erasure(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<NewErasure>,
) -> Result<Answer<Erasure>, ApiError> {
    let erasing = async move { privacy::erase_address(&state.app, &auth.scope, body.0).await };
    let erasure = whole(erasing).await?;
    Ok(Answer::created(
        format!("/api/privacy/erasures/{}", erasure.id),
        erasure,
    ))
}

/// List the receipts of erasures.
#[utoipa::path(get, path = "/api/privacy/erasures", operation_id = "list_erasures", tag = "privacy", params(ErasureQuery),
    responses((status = 200, body = ListEnvelope<Erasure>)), security(("bearer" = [])))]
pub(super) async fn list_erasures(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<ErasureQuery>,
) -> Result<Listing<Erasure>, ApiError> {
    let page = query.page()?;
    Ok(Listing(
        privacy::list_erasures(&state.app, &auth.scope, &page).await?,
    ))
}

/// Read the receipt of an erasure.
#[utoipa::path(get, path = "/api/privacy/erasures/{id}", operation_id = "get_erasure", tag = "privacy", params(("id" = ErasureId, Path)),
    responses((status = 200, body = Envelope<Erasure>)), security(("bearer" = [])))]
pub(super) async fn get_erasure(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<ErasureId>,
) -> Result<Answer<Erasure>, ApiError> {
    Ok(Answer::ok(
        privacy::get_erasure(&state.app, &auth.scope, id.0).await?,
    ))
}
