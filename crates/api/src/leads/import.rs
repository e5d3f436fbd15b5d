//! `POST /api/leads/import`, what became of it, and its undo.

use super::upload::read_upload;
use crate::http::{Answer, ApiError, ApiState, Auth, Envelope, PathId, download};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use groundswell_app::leads::{self, ImportPreview, ImportStarted, Preview};
use groundswell_domain::ImportId;
use groundswell_domain::leads::Import;

/// What the form of an upload has.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the body in the OpenAPI document")]
pub(super) struct ImportForm {
    /// Of a CSV file, when it is not found out rightly: `utf-8`, `utf-16le`, `windows-1252`, `shift_jis`... Must come before the file.
    encoding: Option<String>,
    /// Of a spreadsheet; the first one when absent. Must come before the file.
    sheet: Option<String>,
    /// CSV, at most 512 MiB unless configured otherwise, or a spreadsheet (.xlsx) of at most 64 MiB. With an `Idempotency-Key` at most 10 MiB.
    #[schema(value_type = String, format = Binary, content_media_type = "text/csv")]
    file: Vec<u8>,
    /// JSON object: column → `email`, `name`, `first_name`, `last_name`, `phone`, `company`, `title`, `tags`, `status`, `source`, `custom:<key>` or `ignore`. Columns that are not named are matched by their name and looks.
    mapping: Option<String>,
    /// `,`, `;`, `tab` or `|`, when it is not found out rightly.
    delimiter: Option<String>,
    /// Whether the first line names the columns, when it is not found out rightly. Without it they are `column_1` and so on.
    header: Option<bool>,
    /// What a line is matched with a lead by: `email`, the only one yet.
    upsert_key: Option<String>,
    /// What a line does to a lead that is there: `overwrite` (default), `fill` what it lacks, or `skip`.
    on_existing: Option<groundswell_domain::leads::OnExisting>,
    /// JSON object with `purpose`, `text` and `basis`: what the people in the file agreed to, and how that can be shown. Written down for everybody who has not decided about that purpose yet.
    consent: Option<String>,
    /// Count what would happen and change nothing.
    dry_run: Option<bool>,
    /// Put on every lead of the file: repeated, or with commas between them.
    tags: Option<String>,
}

/// Import leads from a CSV file or a spreadsheet, as a job.
#[utoipa::path(post, path = "/api/leads/import", operation_id = "import_leads", tag = "leads",
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses((status = 202, body = Envelope<ImportStarted>)), security(("bearer" = [])))]
pub(super) async fn import_leads(
    state: Data<ApiState>,
    auth: Auth,
    request: HttpRequest,
    payload: Payload,
) -> Result<Answer<ImportStarted>, ApiError> {
    let open = async |file| leads::receive_import(&state.app, &auth.scope, file).await;
    let (receiver, options) = read_upload(&request, payload, state.settings.import_bytes, open).await?;
    Ok(Answer::accepted(receiver.start(options).await?))
}

/// What an import would make of a file: how it is read, its columns with samples, and the field that each would fill. Nothing
/// is kept. The first MiB of a CSV file is enough; more of it is left alone.
#[utoipa::path(post, path = "/api/leads/import/preview", operation_id = "preview_import", tag = "leads",
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses((status = 200, body = Envelope<ImportPreview>)), security(("bearer" = [])))]
pub(super) async fn preview_import(
    state: Data<ApiState>,
    auth: Auth,
    request: HttpRequest,
    payload: Payload,
) -> Result<Answer<ImportPreview>, ApiError> {
    let open = async |file| Preview::new(&auth.scope, file);
    let (preview, options) = read_upload(&request, payload, state.settings.import_bytes, open).await?;
    Ok(Answer::ok(preview.finish(&options).await?))
}

/// Take an import back, as a job: leads that it made go, leads that it changed are exactly as before. Leads that were changed,
/// written to or active since stay as they are.
#[utoipa::path(post, path = "/api/leads/imports/{id}/undo", operation_id = "undo_import", tag = "leads", params(("id" = ImportId, Path)),
    responses((status = 202, body = Envelope<ImportStarted>)), security(("bearer" = [])))]
pub(super) async fn undo_import(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<ImportId>,
) -> Result<Answer<ImportStarted>, ApiError> {
    Ok(Answer::accepted(
        leads::undo_import(&state.app, &auth.scope, id.0).await?,
    ))
}

/// The leads that an undo left alone, with the reason, as CSV.
#[utoipa::path(get, path = "/api/leads/imports/{id}/kept", operation_id = "get_import_kept", tag = "leads",
    params(("id" = ImportId, Path)),
    responses((status = 200, content_type = "text/csv", body = String)), security(("bearer" = [])))]
pub(super) async fn import_kept(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<ImportId>,
) -> Result<HttpResponse, ApiError> {
    leads::get_import(&state.app, &auth.scope, id.0).await?;
    let kept = leads::import_kept_csv(&state.app, &auth.scope, id.0)?;
    Ok(download("text/csv; charset=utf-8", "import-kept.csv", kept))
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
