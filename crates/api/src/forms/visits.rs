//! What pages tell about their forms, what is kept of it, and the puzzles of captchas.
//!
//! Pages tell with `navigator.sendBeacon`, which sends plain text: that needs no question beforehand from pages of other
//! sites, and arrives when the page is left.

use super::query::{AnalyticsQuery, PartialQuery};
use crate::http::{
    Answer, ApiError, ApiState, Auth, Envelope, ListEnvelope, Listing, Nothing, PathId, Query, parse_json,
    read_body, request_id,
};
use actix_web::http::header::{HeaderName, USER_AGENT};
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpMessage, HttpRequest};
use groundswell_app::forms::{self, Unfinished, Visit};
use groundswell_domain::forms::{
    Attribution, Form, FormAnalytics, PartialSubmission, Puzzle, VisitEvent, is_robot,
};
use groundswell_domain::{Error, FormId};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;

/// Largest beacon, in bytes: browsers send no larger ones.
const MAX_BEACON: usize = 64 * 1024;
/// Counts are written down together.
const PAUSE: Duration = Duration::from_secs(1);
const PURPOSE: HeaderName = HeaderName::from_static("sec-purpose");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    event: VisitEvent,
    /// The field that was used last.
    #[serde(default)]
    field: Option<String>,
    #[serde(default)]
    utm_source: Option<String>,
    #[serde(default)]
    referrer: Option<String>,
}

/// Counts a visit, unless it is a program's that says so, or a browser's own that looks ahead.
pub(super) fn count(
    state: &ApiState,
    request: &HttpRequest,
    form: &Form,
    visit: Visit<'_>,
    from: &Attribution,
) {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let ahead = header(PURPOSE).is_some_and(|purpose| purpose.contains("prefetch"));
    if ahead || is_robot(header(USER_AGENT)) && !matches!(visit, Visit::Completed) {
        return;
    }
    if forms::count_visit(&state.app, form, visit, from) {
        let app = state.app.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(PAUSE).await;
                match forms::write_visits(&app).await {
                    Ok(()) => return,
                    Err(error) => tracing::warn!(%error, "visits of forms could not be written down yet"),
                }
            }
        });
    }
}

async fn form(state: &ApiState, id: &str) -> Result<Arc<Form>, ApiError> {
    let id: FormId = id.parse().map_err(|_| Error::NotFound { what: "form" })?;
    Ok(forms::public_form(&state.app, id).await?)
}

async fn beacon<T: DeserializeOwned>(request: &HttpRequest, payload: Payload) -> Result<T, ApiError> {
    if !matches!(request.content_type(), "text/plain" | "application/json") {
        return Err(ApiError::unsupported_media_type("text/plain or application/json"));
    }
    parse_json(&read_body(&mut payload.into_inner(), MAX_BEACON).await?)
}

/// A puzzle for the captcha of a form. Its solution is sent with the form as `gs_captcha`, and works once.
#[utoipa::path(get, path = "/api/lead-capture/forms/{id}/challenge", operation_id = "get_form_challenge", tag = "forms",
    params(("id" = FormId, Path)), responses((status = 200, body = Envelope<Puzzle>)), security(()))]
pub(super) async fn get_form_challenge(
    state: Data<ApiState>,
    id: Path<String>,
) -> Result<Answer<Puzzle>, ApiError> {
    let form = form(&state, &id).await?;
    Ok(Answer::ok(forms::captcha_puzzle(&state.app, &form)))
}

/// Tell what a visitor does at a form: JSON as plain text, `{"event": "view" | "start" | "leave", "field"?, "utm_source"?, "referrer"?}`.
#[utoipa::path(post, path = "/api/lead-capture/events/{form_id}", operation_id = "record_form_event", tag = "forms",
    params(("form_id" = FormId, Path)), request_body(content = String, content_type = "text/plain"),
    responses((status = 200, body = Envelope<Nothing>)), security(()))]
pub(super) async fn record_form_event(
    state: Data<ApiState>,
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<Nothing, ApiError> {
    let form = form(&state, &id).await?;
    let told: Told = beacon(&request, payload).await?;
    let visit = Visit::of(&form, told.event, told.field.as_deref());
    let visit = visit.ok_or_else(|| Error::invalid("field", "must be the name of a field of this form"))?;
    let from = Attribution {
        utm_source: told.utm_source,
        referrer: told.referrer,
        ..Attribution::default()
    };
    count(&state, &request, &form, visit, &from);
    Ok(Nothing)
}

/// Keep what a visitor typed so far, where the form says that it does: JSON as plain text, `{"session", "answers", "last_field"?}`.
#[utoipa::path(post, path = "/api/lead-capture/partial/{form_id}", operation_id = "keep_partial", tag = "forms",
    params(("form_id" = FormId, Path)), request_body(content = String, content_type = "text/plain"),
    responses((status = 200, body = Envelope<Nothing>)), security(()))]
pub(super) async fn keep_partial(
    state: Data<ApiState>,
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<Nothing, ApiError> {
    let form = form(&state, &id).await?;
    let sent: Unfinished = beacon(&request, payload).await?;
    forms::keep_partial(&state.app, request_id(&request), &form, sent).await?;
    Ok(Nothing)
}

/// List what visitors typed and did not send, of forms that keep it, for thirty days.
#[utoipa::path(get, path = "/api/lead-capture/forms/{id}/partials", operation_id = "list_partials", tag = "forms",
    params(("id" = FormId, Path), PartialQuery),
    responses((status = 200, body = ListEnvelope<PartialSubmission>)), security(("bearer" = [])))]
pub(super) async fn list_partials(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<FormId>,
    query: Query<PartialQuery>,
) -> Result<Listing<PartialSubmission>, ApiError> {
    Ok(Listing(
        forms::list_partials(&state.app, &auth.scope, id.0, &query.page()?).await?,
    ))
}

/// How a form does: views, starts, completions, by day and by source, and where people leave.
#[utoipa::path(get, path = "/api/lead-capture/forms/{id}/analytics", operation_id = "get_form_analytics", tag = "forms",
    params(("id" = FormId, Path), AnalyticsQuery),
    responses((status = 200, body = Envelope<FormAnalytics>)), security(("bearer" = [])))]
pub(super) async fn get_form_analytics(
    state: Data<ApiState>,
    auth: Auth,
    id: PathId<FormId>,
    query: Query<AnalyticsQuery>,
) -> Result<Answer<FormAnalytics>, ApiError> {
    let days = (query.from, query.to);
    Ok(Answer::ok(
        forms::form_analytics(&state.app, &auth.scope, id.0, days).await?,
    ))
}
