//! Domains that mail is sent from.

use super::query::DomainQuery;
use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, IfMatch, JsonBody, ListEnvelope, Listing, Nothing, PathId,
    Query,
};
use actix_web::web::Data;
use groundswell_app::email::{self, DomainPatch, DomainView, NewDomain};
use groundswell_domain::SendingDomainId;

/// Add a domain to send from: makes its keys, and answers with the records to set.
#[utoipa::path(post, path = "/api/email/domains", operation_id = "create_email_domain", tag = "email", request_body = NewDomain,
    responses((status = 201, body = Envelope<DomainView>)), security(("bearer" = [])))]
pub(super) async fn create_email_domain(
    state: Data<ApiState>,
    auth: Auth,
    body: JsonBody<NewDomain>,
) -> Result<Answer<DomainView>, ApiError> {
    let view = email::create_domain(&state.app, &auth.scope, body.0).await?;
    Ok(Answer::created(
        format!("/api/email/domains/{}", view.domain.id),
        view,
    ))
}

/// List sending domains.
#[utoipa::path(get, path = "/api/email/domains", operation_id = "list_email_domains", tag = "email", params(DomainQuery),
    responses((status = 200, body = ListEnvelope<DomainView>)), security(("bearer" = [])))]
pub(super) async fn list_email_domains(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<DomainQuery>,
) -> Result<Listing<DomainView>, ApiError> {
    Ok(Listing(
        email::list_domains(&state.app, &auth.scope, &query.page()?).await?,
    ))
}

/// Read a sending domain, with the records to set and what the last check found.
#[utoipa::path(get, path = "/api/email/domains/{id}", operation_id = "get_email_domain", tag = "email", params(("id" = SendingDomainId, Path)),
    responses((status = 200, body = Envelope<DomainView>)), security(("bearer" = [])))]
pub(super) async fn get_email_domain(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SendingDomainId>,
) -> Result<Answer<DomainView>, ApiError> {
    Ok(Answer::versioned(
        email::get_domain(&state.app, &auth.scope, id.0).await?,
    ))
}

/// Change a sending domain: what is absent stays, null clears.
#[utoipa::path(patch, path = "/api/email/domains/{id}", operation_id = "update_email_domain", tag = "email",
    params(("id" = SendingDomainId, Path), IfMatch), request_body = DomainPatch,
    responses((status = 200, body = Envelope<DomainView>)), security(("bearer" = [])))]
pub(super) async fn update_email_domain(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SendingDomainId>,
    expected: IfMatch,
    body: JsonBody<DomainPatch>,
) -> Result<Answer<DomainView>, ApiError> {
    Ok(Answer::versioned(
        email::update_domain(&state.app, &auth.scope, id.0, body.0, expected.0).await?,
    ))
}

/// Delete a sending domain with its keys.
#[utoipa::path(delete, path = "/api/email/domains/{id}", operation_id = "delete_email_domain", tag = "email", params(("id" = SendingDomainId, Path)),
    responses((status = 200, body = Envelope<Nothing>)), security(("bearer" = [])))]
pub(super) async fn delete_email_domain(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SendingDomainId>,
) -> Result<Nothing, ApiError> {
    email::delete_domain(&state.app, &auth.scope, id.0).await?;
    Ok(Nothing)
}

/// Look at the DNS now: SPF, DKIM, DMARC and MX, each with pass or fail and the reason. Mail is sent from the domain as soon as DKIM passes.
#[utoipa::path(post, path = "/api/email/domains/{id}/check", operation_id = "check_email_domain", tag = "email", params(("id" = SendingDomainId, Path)),
    responses((status = 200, body = Envelope<DomainView>)), security(("bearer" = [])))]
pub(super) async fn check_email_domain(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<SendingDomainId>,
) -> Result<Answer<DomainView>, ApiError> {
    Ok(Answer::versioned(
        email::check_domain(&state.app, &auth.scope, id.0).await?,
    ))
}
