//! `POST /api/leads/import`, and what became of it.

use super::upload::read_upload;
use crate::http::{Answer, ApiError, ApiState, Auth, Envelope, PathId, download};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use groundswell_app::leads::{self, ImportStarted};
use groundswell_domain::ImportId;
use groundswell_domain::leads::Import;

/// What the form of an upload has.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the body in the OpenAPI document")]
pub(super) struct ImportForm {
    /// CSV, at most 10 MiB unless configured otherwise, with a header line.
    #[schema(value_type = String, format = Binary, content_media_type = "text/csv")]
    file: Vec<u8>,
    /// JSON object: CSV column → `email`, `name`, `phone`, `company`, `title`, `tags`, `status`, `source`, `custom:<key>` or `ignore`. Columns that are not named are matched by their name.
    mapping: Option<String>,
    /// Count what would happen and change nothing.
    dry_run: Option<bool>,
    /// Put on every lead of the file: repeated, or with commas between them.
    tags: Option<String>,
}

/// Import leads from a CSV file, as a job.
#[utoipa::path(post, path = "/api/leads/import", operation_id = "import_leads", tag = "leads",
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses((status = 202, body = Envelope<ImportStarted>)), security(("bearer" = [])))]
pub(super) async fn import_leads(
    state: Data<ApiState>,
    auth: Auth,
    request: HttpRequest,
    payload: Payload,
) -> Result<Answer<ImportStarted>, ApiError> {
    let upload = read_upload(&request, payload, state.settings.upload).await?;
    Ok(Answer::accepted(
        leads::start_import(&state.app, &auth.scope, upload).await?,
    ))
}

/// How an import stands.
#[utoipa::path(get, path = "/api/leads/imports/{id}", operation_id = "get_import", tag = "leads", params(("id" = ImportId, Path)),
    responses((status = 200, body = Envelope<Import>)), security(("bearer" = [])))]
pub(super) async fn get_import(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<ImportId>,
) -> Result<Answer<Import>, ApiError> {
    Ok(Answer::ok(
        leads::get_import(&state.app, &auth.scope, id.0).await?,
    ))
}

/// The lines that could not be imported, as CSV.
#[utoipa::path(get, path = "/api/leads/imports/{id}/errors", operation_id = "get_import_errors", tag = "leads",
    params(("id" = ImportId, Path)),
    responses((status = 200, content_type = "text/csv", body = String)), security(("bearer" = [])))]
pub(super) async fn import_errors(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<ImportId>,
) -> Result<HttpResponse, ApiError> {
    leads::get_import(&state.app, &auth.scope, id.0).await?;
    let errors = leads::import_errors_csv(&state.app, &auth.scope, id.0)?;
    Ok(download("text/csv; charset=utf-8", "import-errors.csv", errors))
}
