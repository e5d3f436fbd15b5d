//! Providers that send for us tell of bounces and complaints.

use super::bounces::take;
use crate::App;
use groundswell_domain::email::webhooks::{Delivered, Provider, Signature, read};
use groundswell_domain::identity::Permission;
use groundswell_domain::{Error, OrganizationId, Scope};
use serde::Serialize;
use std::collections::BTreeMap;
use uuid::Uuid;

const PURPOSE: &str = "email-webhook";

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
    match app.webhooks.check(provider, delivered) {
        Signature::Valid => {}
        Signature::Invalid => {
            return Err(Error::Unauthenticated(
                "the signature is not the provider's".to_owned(),
            ));
        }
        Signature::NotConfigured => return Err(NO_ADDRESS),
    }
    let events = read(provider, delivered.body).map_err(|problem| Error::invalid("body", problem))?;
    let scope = Scope::system(OrganizationId::from(organization), app.request_id());
    for event in events {
        // Each by itself: a provider that sends a list again when one fails repeats what was taken.
        let unit = app.store.begin(&scope).await?;
        let key = format!("{provider}:{}", event.id);
        take(app, &scope, unit.as_ref(), event.bounce, Some(key)).await?;
        unit.commit().await?;
    }
    Ok(())
}
