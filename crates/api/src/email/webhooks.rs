//! What providers that send for us tell.

use crate::http::{Answer, ApiError, ApiState, Auth, Envelope, Nothing, Query, read_body};
use actix_web::HttpRequest;
use actix_web::web::{Data, Path, Payload};
use groundswell_app::email::{self, WebhookAddresses};
use groundswell_domain::Error;
use groundswell_domain::email::webhooks::{Delivered, Provider};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct WebhookQuery {
    /// Of the address that `GET /api/email/webhooks` tells.
    pub to: Option<String>,
}

/// Tell where providers' webhooks are to go.
#[utoipa::path(get, path = "/api/email/webhooks", operation_id = "get_webhook_addresses", tag = "email",
    responses((status = 200, body = Envelope<WebhookAddresses>)), security(("bearer" = [])))]
pub(super) async fn get_webhook_addresses(
    state: Data<ApiState>,
    auth: Auth,
) -> Result<Answer<WebhookAddresses>, ApiError> {
    Ok(Answer::ok(email::webhook_addresses(&state.app, &auth.scope)?))
}

/// Take bounces and complaints of a provider, signed by it. An event is taken once, in whichever order they come.
#[utoipa::path(post, path = "/api/email/webhooks/{provider}", operation_id = "take_email_webhook", tag = "email",
    params(("provider" = Provider, Path), WebhookQuery),
    request_body(content = String, content_type = "*/*", description = "As the provider sends it"),
    responses((status = 200, body = Envelope<Nothing>), (status = 401), (status = 404)), security(()))]
pub(super) async fn take_email_webhook(
    state: Data<ApiState>,
    request: HttpRequest,
    provider: Path<String>,
    query: Query<WebhookQuery>,
    payload: Payload,
) -> Result<Nothing, ApiError> {
    let body = read_body(&mut payload.into_inner(), state.settings.json_body).await?;
    let provider: Provider = provider
        .parse()
        .map_err(|_| Error::NotFound { what: "provider" })?;
    let to = query.into_inner().to;
    let to = to.ok_or_else(|| {
        Error::invalid(
            "to",
            "is required: GET /api/email/webhooks tells the whole address",
        )
    })?;
    let headers: Vec<(String, String)> = request
        .headers()
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect();
    let delivered = Delivered {
        headers: &headers,
        body: &body,
    };
    email::take_webhook(&state.app, provider, &to, &delivered).await?;
    Ok(Nothing)
}
