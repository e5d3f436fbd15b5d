//! `POST /api/lead-capture/webhook/{form_id}`: where forms are sent to, ours and those on pages of elsewhere.
//!
//! Programs send JSON and get JSON; browsers send a form and get a page. Any site may post, as `http::cors` says.

use super::asked;
use super::body::{Encoding, read};
use super::sent::{Extra, Sent};
use super::visits::count;
use crate::http::{Answer, ApiError, ApiState, ClientIp, Envelope, REPLAYED};
use crate::pages::{HtmlError, Visit, form_page, thank_you_page};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, Responder, ResponseError};
use groundswell_app::forms::{self, Capture, Captured};
use groundswell_domain::email::EmailAddress;
use groundswell_domain::forms::{Form, SpentChallenge};
use groundswell_domain::idempotency::IdempotencyKey;
use groundswell_domain::{Error, FieldError, FormId};
use serde_json::{Map, Value};

/// Fields that every form takes besides its own.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the body in the OpenAPI document")]
pub(super) struct CaptureBody {
    #[schema(format = "email")]
    email: String,
    name: Option<String>,
    phone: Option<String>,
    company: Option<String>,
    title: Option<String>,
    /// More about the lead, by key.
    #[schema(value_type = Option<Object>)]
    custom_fields: Option<serde_json::Value>,
    referrer: Option<String>,
    utm_source: Option<String>,
    utm_medium: Option<String>,
    utm_campaign: Option<String>,
    /// The solution of a puzzle of `GET /api/lead-capture/forms/{id}/challenge`, for forms with a captcha.
    gs_captcha: Option<String>,
    /// The form's own fields, by their names, and `consent.` with a purpose for each of its consents.
    #[serde(flatten)]
    fields: std::collections::HashMap<String, serde_json::Value>,
}

/// Send a form. The form's own fields stand beside the ones described here; an ordinary HTML form post is answered with a page or a redirect.
#[utoipa::path(post, path = "/api/lead-capture/webhook/{form_id}", operation_id = "capture_lead", tag = "forms",
    params(("form_id" = FormId, Path)),
    request_body(content((CaptureBody = "application/json"), (CaptureBody = "application/x-www-form-urlencoded"), (CaptureBody = "multipart/form-data"))),
    responses(
        (status = 201, body = Envelope<Captured>),
        (status = 200, description = "The thank-you page of an HTML form", content_type = "text/html", body = String),
        (status = 303, description = "To the form's `redirect_url`, after an HTML form")),
    security(()))]
pub(super) async fn capture_lead(
    state: Data<ApiState>,
    request: HttpRequest,
    id: Path<String>,
    ip: ClientIp,
    payload: Payload,
) -> HttpResponse {
    let browser = is_browser(&request);
    let answer = capture(&state, &request, &id, ip, payload, browser).await;
    answer.unwrap_or_else(|error| {
        if browser {
            HtmlError(error).error_response()
        } else {
            error.error_response()
        }
    })
}

async fn capture(
    state: &ApiState,
    request: &HttpRequest,
    id: &str,
    ip: ClientIp,
    payload: Payload,
    browser: bool,
) -> Result<HttpResponse, ApiError> {
    let id: FormId = id.parse().map_err(|_| Error::NotFound { what: "form" })?;
    state.limits.form(request, ip, id).await?;
    let form = forms::public_form(&state.app, id).await?;
    let sent = read(&form, request, payload).await?;
    let visit = browser.then(|| Visit {
        answers: sent.answers.clone(),
        attribution: sent.attribution.clone(),
        problems: Vec::new(),
        known: asked::known(&form, sent.extra.known.as_deref()),
        shown: sent.extra.shown.clone(),
    });
    let again = |visit: Visit, problems| {
        let page = form_page(&form, &Visit { problems, ..visit })?;
        Ok(page.respond(StatusCode::BAD_REQUEST))
    };
    let challenge = match forms::check_captcha(&state.app, &form, sent.extra.captcha.as_deref()) {
        Ok(challenge) => challenge,
        Err(problem) => {
            return match visit {
                Some(visit) => again(visit, vec![unsolved()]),
                None => Err(ApiError::Captcha(problem)),
            };
        }
    };
    let (extra, answers) = (sent.extra.clone(), sent.answers.clone());
    let took = forms::time_taken(&state.app, &form, extra.shown.as_deref());
    let command = Capture {
        took,
        ..command(id, request, sent, challenge)
    };
    let from = command.attribution.clone();
    let result = forms::capture(&state.app, crate::http::request_id(request), &form, command).await;
    match (result, visit) {
        (Ok(captured), visit) => {
            // What is held back is counted when it is released.
            if !captured.replayed && !captured.held {
                count(state, request, &form, forms::Visit::Completed, &from);
            }
            if !captured.replayed {
                finish(state, request, &form, &extra, &answers).await;
            }
            let mut response = taken(request, &form, captured, browser)?;
            if let Some(visit) = visit {
                asked::remember(&form, &visit.known, state.settings.https, &mut response);
            }
            Ok(response)
        }
        (Err(Error::Invalid(problems)), Some(visit)) => again(visit, problems),
        (
            Err(Error::Conflict {
                code: "captcha_spent",
                ..
            }),
            Some(visit),
        ) => again(visit, vec![unsolved()]),
        (Err(error), _) => Err(error.into()),
    }
}

/// To a person whose browser did not solve the captcha. The page has another puzzle for the next try.
fn unsolved() -> FieldError {
    FieldError::new(
        "Robot check:",
        "your browser could not show that you are no robot. Please switch JavaScript on and send the form again",
    )
}

/// What was kept of the answers before they were sent is kept twice now. Should this fail, it goes after thirty days.
async fn finish(
    state: &ApiState,
    request: &HttpRequest,
    form: &Form,
    extra: &Extra,
    answers: &Map<String, Value>,
) {
    let email = answers.get("email").and_then(Value::as_str).unwrap_or_default();
    let Ok(email) = email.trim().parse::<EmailAddress>() else {
        return;
    };
    if !form.settings.save_partial {
        return;
    }
    let session = extra.session.as_deref().and_then(|text| text.parse().ok());
    let request = crate::http::request_id(request);
    if let Err(error) = forms::finish_partial(&state.app, request, form, session, &email).await {
        tracing::warn!(%error, form = %form.id, "unfinished answers of a form that was sent were not deleted");
    }
}

pub(super) fn command(
    form: FormId,
    request: &HttpRequest,
    sent: Sent,
    challenge: Option<SpentChallenge>,
) -> Capture {
    let header = |name| {
        request
            .headers()
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
            .map(str::to_owned)
    };
    let mut attribution = sent.attribution;
    if attribution.referrer.is_none() {
        // The page that has the form. Of our own pages, the hosted one and the one after a mistake, it would say nothing new.
        let ours = [format!("/f/{form}"), format!("/api/lead-capture/webhook/{form}")];
        attribution.referrer =
            header(header::REFERER).filter(|page| !ours.iter().any(|path| page.contains(path)));
    }
    Capture {
        answers: sent.answers,
        custom_fields: sent.custom_fields,
        attribution,
        user_agent: header(header::USER_AGENT),
        trapped: sent.trapped,
        took: None,
        idempotency: request.extensions().get::<IdempotencyKey>().cloned(),
        challenge,
    }
}

fn taken(
    request: &HttpRequest,
    form: &Form,
    captured: Captured,
    browser: bool,
) -> Result<HttpResponse, ApiError> {
    let replayed = captured.replayed;
    let mut response = match &form.settings.redirect_url {
        _ if !browser => Answer::created_unnamed(captured).respond_to(request),
        Some(url) => HttpResponse::SeeOther()
            .insert_header((header::LOCATION, url.as_str()))
            .finish(),
        None => thank_you_page(form)?.respond(StatusCode::OK),
    };
    if replayed {
        response
            .headers_mut()
            .insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// Whether a page is wanted: form encodings come from browsers, unless they ask for JSON.
fn is_browser(request: &HttpRequest) -> bool {
    let form = matches!(
        Encoding::of(request),
        Some(Encoding::Urlencoded | Encoding::Multipart)
    );
    let accept = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    form && !accept.to_ascii_lowercase().contains("application/json")
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn page_for(content_type: &str, accept: &str) -> bool {
        let request = TestRequest::post()
            .insert_header(("content-type", content_type))
            .insert_header(("accept", accept));
        is_browser(&request.to_http_request())
    }

    #[test]
    fn browsers_get_pages_and_programs_get_json() {
        assert!(page_for("application/x-www-form-urlencoded", "text/html,*/*"));
        assert!(page_for("multipart/form-data; boundary=x", "*/*"));
        assert!(!page_for(
            "application/x-www-form-urlencoded; charset=utf-8",
            "application/json"
        ));
        assert!(!page_for("application/json", "text/html"));
    }

    #[test]
    fn the_page_with_the_form_is_the_referrer_unless_it_is_ours() {
        let form: FormId = uuid::Uuid::from_u128(5).into();
        let referrer = |page: String| {
            let request = TestRequest::post()
                .insert_header((header::REFERER, page))
                .to_http_request();
            command(form, &request, Sent::default(), None)
                .attribution
                .referrer
        };
        assert_eq!(
            referrer("https://shop.example/contact".into()).as_deref(),
            Some("https://shop.example/contact")
        );
        assert_eq!(
            referrer(format!("https://ours.example/f/{form}?utm_source=x")),
            None
        );
        assert_eq!(
            referrer(format!("https://ours.example/api/lead-capture/webhook/{form}")),
            None
        );
    }
}
