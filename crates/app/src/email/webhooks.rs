//! Providers that send for us tell of bounces and complaints, and what became of mails.

use super::bounces::take;
use super::doubts::settle_doubt;
use crate::App;
use groundswell_domain::egress::FetchRequest;
use groundswell_domain::email::Fate;
use groundswell_domain::email::webhooks::{Delivered, Provider, ProviderEvent, Signature, SnsMessage, read};
use groundswell_domain::identity::Permission;
use groundswell_domain::{Error, OrganizationId, Scope};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;
use uuid::Uuid;

const PURPOSE: &str = "email-webhook";

/// When a provider is to try again.
const AGAIN: Duration = Duration::from_secs(30);

/// Where each provider's webhooks are to go. Who knows an address can't make anything of it without the provider's signature.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookAddresses {
    #[serde(flatten)]
    pub addresses: BTreeMap<String, String>,
}

pub fn webhook_addresses(app: &App, scope: &Scope) -> Result<WebhookAddresses, Error> {
    scope.require(Permission::SuppressionsWrite)?;
    let token = app.links.sign(PURPOSE, scope.organization.0.as_bytes());
    let base = app.settings.public_url.as_str().trim_end_matches('/');
    let address = |provider: &Provider| {
        let name = provider.to_string();
        let address = format!("{base}/api/email/webhooks/{name}?to={token}");
        (name, address)
    };
    Ok(WebhookAddresses {
        addresses: Provider::ALL.iter().map(address).collect(),
    })
}

/// Takes what a provider tells. Whose it is says the address; that it is true, the signature.
pub async fn take_webhook(
    app: &App,
    provider: Provider,
    to: &str,
    delivered: &Delivered<'_>,
) -> Result<(), Error> {
    const NO_ADDRESS: Error = Error::NotFound { what: "webhook" };
    let organization = app.links.verify(PURPOSE, to).ok_or(NO_ADDRESS)?;
    let organization = Uuid::from_slice(&organization).map_err(|_| NO_ADDRESS)?;
    match app.webhooks.check(provider, delivered).await {
        Signature::Valid => {}
        Signature::Invalid => {
            return Err(Error::Unauthenticated(
                "the signature is not the provider's".to_owned(),
            ));
        }
        Signature::NotConfigured => return Err(NO_ADDRESS),
        Signature::Unavailable(message) => {
            tracing::warn!(%provider, message, "a webhook can't be checked now");
            return Err(Error::Unavailable {
                message,
                retry_after: AGAIN,
            });
        }
    }
    if provider == Provider::Ses {
        confirm(app, delivered.body).await?;
    }
    let events = read(provider, delivered.body).map_err(|problem| Error::invalid("body", problem))?;
    let scope = Scope::system(OrganizationId::from(organization), app.request_id());
    for event in events {
        // Each by itself: a provider that sends a list again when one fails repeats what was taken.
        match event {
            ProviderEvent::Returned { id, bounce } => {
                let unit = app.store.begin(&scope).await?;
                let key = format!("{provider}:{id}");
                take(app, &scope, unit.as_ref(), bounce, Some(key)).await?;
                unit.commit().await?;
            }
            ProviderEvent::Delivered { message } => {
                let reason = format!("{provider} told that it was delivered");
                settle_doubt(app, &scope, message, Fate::Sent, &reason).await?;
            }
            ProviderEvent::Refused { message, reason } => {
                let reason = format!("{provider} did not send it: {reason}");
                settle_doubt(app, &scope, message, Fate::NotSent, &reason).await?;
            }
        }
    }
    Ok(())
}

/// Answers a topic of Amazon SNS that asks whether we want its messages. It was signed, and it is one of the configured topics.
async fn confirm(app: &App, body: &[u8]) -> Result<(), Error> {
    let invalid = |problem| Error::invalid("body", problem);
    let message = SnsMessage::parse(body).map_err(invalid)?;
    if !message.is_notification() {
        tracing::info!(
            topic = message.topic_arn,
            kind = message.kind,
            "Amazon SNS asks about a subscription"
        );
    }
    let Some(url) = message.confirmation().map_err(invalid)? else {
        return Ok(());
    };
    let request = FetchRequest {
        follow: false,
        ..FetchRequest::get(url)
    };
    let problem = match app.egress.get(request).await {
        Ok(answer) if answer.is_success() => return Ok(()),
        Ok(answer) => format!("it answers {}", answer.status),
        Err(error) => error.to_string(),
    };
    tracing::warn!(
        topic = message.topic_arn,
        problem,
        "a subscription could not be confirmed"
    );
    Err(Error::Unavailable {
        message: format!("the subscription could not be confirmed at Amazon SNS: {problem}"),
        retry_after: AGAIN,
    })
}
