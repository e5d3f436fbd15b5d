//! `GET /api/audit-log`. There is no other route: nobody changes the log.

use super::query::AuditQuery;
use crate::http::{ApiError, ApiState, Auth, ListEnvelope, Listing, Query};
use actix_web::web::{Data, ServiceConfig, resource};
use groundswell_app::audit;
use groundswell_domain::audit::AuditEntry;

/// Who did what, newest first.
#[utoipa::path(get, path = "/api/audit-log", operation_id = "list_audit_log", tag = "audit", params(AuditQuery),
    responses((status = 200, body = ListEnvelope<AuditEntry>)), security(("bearer" = [])))]
async fn list_audit_log(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<AuditQuery>,
) -> Result<Listing<AuditEntry>, ApiError> {
    let page = query.page()?;
    Ok(Listing(
        audit::list_audit_log(&state.app, &auth.scope, &query.filter(), &page).await?,
    ))
}

#[derive(utoipa::OpenApi)]
#[openapi(paths(list_audit_log))]
pub(crate) struct Docs;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(resource("/api/audit-log").get(list_audit_log));
}
