//! `GET /api/user/data-export`.

use super::query::ExportQuery;
use crate::http::{Answer, ApiError, ApiState, Auth, Envelope, Query, download};
use actix_web::http::header::HeaderValue;
use actix_web::http::header::RETRY_AFTER;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Responder};
use groundswell_app::privacy::{self, ExportStarted, Exported};

/// Everything that is kept about you, as a ZIP file of JSON files. The first time a job makes it: 202, and `Retry-After`
/// says when to ask again. It is kept for 7 days; `fresh=true` begins a new one.
#[utoipa::path(get, path = "/api/user/data-export", operation_id = "get_data_export", tag = "privacy", params(ExportQuery),
    responses((status = 200, content_type = "application/zip", body = Vec<u8>), (status = 202, body = Envelope<ExportStarted>)),
    security(("bearer" = [])))]
pub(super) async fn get_data_export(
    state: Data<ApiState>,
    auth: Auth,
    query: Query<ExportQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let fresh = query.fresh.unwrap_or(false);
    Ok(
        match privacy::data_export(&state.app, &auth.scope, fresh).await? {
            Exported::Ready(file) => download("application/zip", "data-export.zip", file),
            Exported::Pending(started) => {
                let wait = HeaderValue::from(started.retry_after);
                let mut answer = Answer::accepted(started).respond_to(&request);
                answer.headers_mut().insert(RETRY_AFTER, wait);
                answer
            }
        },
    )
}
