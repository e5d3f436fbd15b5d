//! Where the links of account mails lead. Looking changes nothing, for mail scanners follow every link; the button does.

use crate::http::{ApiError, ApiState, read_body};
use crate::pages::{HtmlError, account_page, notice_page};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload};
use groundswell_app::identity::{choose_password, look_at_link, verify_email};
use groundswell_domain::Error;
use groundswell_domain::identity::Purpose;
use secrecy::SecretString;
use url::form_urlencoded;

/// Largest form, in bytes.
const MAX_FORM: usize = 16 * 1024;

/// Links begin with what they are for.
fn purpose(token: &str) -> Result<Purpose, ApiError> {
    token
        .split_once('-')
        .and_then(|(purpose, _)| purpose.parse().ok())
        .ok_or(ApiError::NoRoute)
}

/// Show what a link from an account mail is for.
#[utoipa::path(get, path = "/account/{token}", operation_id = "show_account_link", tag = "auth",
    params(("token" = String, Path)),
    responses((status = 200, content_type = "text/html", body = String), (status = 400, content_type = "text/html", body = String)), security(()))]
pub(super) async fn show_account_link(
    state: Data<ApiState>,
    token: Path<String>,
) -> Result<HttpResponse, HtmlError> {
    let purpose = purpose(&token)?;
    let info = look_at_link(&state.app, purpose, &token).await?;
    Ok(account_page(purpose, &info, None)?.respond(StatusCode::OK))
}

/// Use a link from an account mail: the button of its page.
#[utoipa::path(post, path = "/account/{token}", operation_id = "use_account_link", tag = "auth",
    params(("token" = String, Path)),
    request_body(content = String, content_type = "application/x-www-form-urlencoded", description = "`password`, but to confirm an address"),
    responses((status = 200, content_type = "text/html", body = String), (status = 400, content_type = "text/html", body = String)), security(()))]
pub(super) async fn use_account_link(
    state: Data<ApiState>,
    token: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, HtmlError> {
    let purpose = purpose(&token)?;
    if purpose == Purpose::EmailVerification {
        let user = verify_email(&state.app, &token).await?;
        let text = format!("{} is confirmed.", user.email);
        return Ok(notice_page("Thank you", &text)?.respond(StatusCode::OK));
    }
    let info = look_at_link(&state.app, purpose, &token).await?;
    let body = read_body(&mut payload.into_inner(), MAX_FORM).await?;
    let password: SecretString = form_urlencoded::parse(&body)
        .find(|(name, _)| name == "password")
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
        .into();
    match choose_password(&state.app, purpose, &token, &password, None).await {
        Ok(user) => {
            let text = format!("You can sign in as {} now.", user.email);
            Ok(notice_page("Your password is set", &text)?.respond(StatusCode::OK))
        }
        Err(Error::Invalid(problems)) => {
            let problem = problems
                .first()
                .map(|problem| format!("The {} {}.", problem.field, problem.message));
            let page = account_page(purpose, &info, problem.as_deref())?;
            Ok(page.respond(StatusCode::BAD_REQUEST))
        }
        Err(error) => Err(error.into()),
    }
}
