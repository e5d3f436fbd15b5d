//! Using a secret.

use crate::App;
use groundswell_domain::secrets::{Service, Stored, VaultError};
use groundswell_domain::{ClientId, Error, OrganizationId, Scope};
use secrecy::SecretString;

/// The value for a service: the acting person's, else the client's, else the organization's.
///
/// `client` is the one that the work is done for. No permission is asked for: whoever may do the work may have it done with
/// the keys that are there for it, and the value goes to the service, not to the person. Never put it into an answer.
pub async fn resolve(
    app: &App,
    scope: &Scope,
    service: &Service,
    client: Option<ClientId>,
) -> Result<Option<SecretString>, Error> {
    let user = scope.actor.user();
    // Who is bound to one client works for no other one.
    let client = scope.client.or(client);
    let found = app
        .store
        .read(scope)
        .secrets()
        .resolve(service, user, client)
        .await?;
    let Some(stored) = found else { return Ok(None) };
    match open(app, scope.organization, &stored) {
        Ok(value) => Ok(Some(value)),
        Err(error) => {
            tracing::error!(organization = %scope.organization, secret = %stored.secret.id, %error, "a secret can't be used");
            Err(error.into())
        }
    }
}

pub(super) fn open(
    app: &App,
    organization: OrganizationId,
    stored: &Stored,
) -> Result<SecretString, VaultError> {
    app.vault
        .open(&stored.key, &stored.secret.place(organization), &stored.sealed)
}
