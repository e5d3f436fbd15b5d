//! As whom an organization's mails are sent.

use super::domains::signers;
use crate::App;
use groundswell_domain::email::{Identity, MailFrom, SendingDomain};
use groundswell_domain::{ClientId, Error, Scope};
use std::collections::HashMap;
use std::sync::Arc;

/// Domains of one organization that are looked at; it can't have more.
const MOST: u32 = 100;

/// Everybody in whose name an organization sends.
#[derive(Debug, Default)]
pub(crate) struct Senders {
    own: Option<Arc<Identity>>,
    clients: HashMap<ClientId, Arc<Identity>>,
}

/// The client's identity, else the organization's; `None`: the installation's own address. As it was at most a second ago.
pub(crate) async fn identity(
    app: &App,
    scope: &Scope,
    client: Option<ClientId>,
) -> Result<Option<Arc<Identity>>, Error> {
    let senders = if let Some(senders) = app.senders.get(&scope.organization).await {
        senders
    } else {
        let senders = Arc::new(read(app, scope).await?);
        app.senders.insert(scope.organization, senders.clone()).await;
        senders
    };
    let of_client = client.and_then(|client| senders.clients.get(&client));
    Ok(of_client.or(senders.own.as_ref()).cloned())
}

async fn read(app: &App, scope: &Scope) -> Result<Senders, Error> {
    let repos = app.store.read(scope);
    let mut senders = Senders::default();
    let domains = repos.sending().verified_domains(MOST).await?;
    if domains.is_empty() {
        return Ok(senders);
    }
    let organization = repos.identity().organization().await?;
    let own = organization.and_then(|organization| organization.from);
    for domain in domains {
        match domain.client_id {
            None => {
                if let Some(from) = own.clone().filter(|from| domain.covers(from)) {
                    senders.own = Some(open(app, scope, &domain, from).await?);
                }
            }
            Some(client) => {
                if let Some(from) = domain.from.clone().filter(|from| domain.covers(from)) {
                    let identity = open(app, scope, &domain, from).await?;
                    senders.clients.entry(client).or_insert(identity);
                }
            }
        }
    }
    Ok(senders)
}

async fn open(
    app: &App,
    scope: &Scope,
    domain: &SendingDomain,
    from: MailFrom,
) -> Result<Arc<Identity>, Error> {
    Ok(Arc::new(Identity {
        from,
        domain: domain.id,
        signers: signers(app, scope, domain).await?,
        warming: domain.warmup,
    }))
}
