//! Keys of a domain: made here, sealed as secrets, opened to sign.

use crate::{App, blocking, secrets};
use groundswell_domain::email::{DkimAlgorithm, DkimKey, MailSigner, NewDkimKey, SendingDomain, service_of};
use groundswell_domain::secrets::Holder;
use groundswell_domain::{Error, Scope, UnitOfWork};
use std::sync::Arc;

/// The holder of a domain's keys: with a client its keys go as well.
pub(super) fn holder(domain: &SendingDomain) -> Holder {
    domain.client_id.map_or(Holder::Organization, Holder::Client)
}

/// New keys, each with the part that is to be kept secret. Takes up to a second, so never within a transaction.
pub(super) async fn make(
    app: &App,
    selector: &str,
    algorithms: &[DkimAlgorithm],
) -> Result<Vec<(DkimKey, NewDkimKey)>, Error> {
    let mut keys = Vec::with_capacity(algorithms.len());
    for &algorithm in algorithms {
        let dkim = app.dkim.clone();
        let new = blocking::run(move || dkim.generate(algorithm)).await?;
        let new = new.map_err(Error::internal)?;
        let suffix = match algorithm {
            DkimAlgorithm::Rsa => "",
            DkimAlgorithm::Ed25519 => "e",
        };
        let key = DkimKey {
            selector: format!("{selector}{suffix}"),
            algorithm,
            public: new.public.clone(),
        };
        keys.push((key, new));
    }
    Ok(keys)
}

pub(super) async fn keep(
    app: &App,
    scope: &Scope,
    unit: &dyn UnitOfWork,
    domain: &SendingDomain,
    keys: &[(DkimKey, NewDkimKey)],
) -> Result<(), Error> {
    for (key, new) in keys {
        let service = service_of(domain.id, key.algorithm);
        secrets::keep_ours(app, scope, unit, holder(domain), &service, &new.private).await?;
    }
    Ok(())
}

pub(super) async fn forget(unit: &dyn UnitOfWork, domain: &SendingDomain) -> Result<(), Error> {
    for key in &domain.keys {
        let service = service_of(domain.id, key.algorithm);
        secrets::forget_ours(unit, holder(domain), &service).await?;
    }
    Ok(())
}

/// The keys of a domain, ready to sign.
pub(in crate::email) async fn signers(
    app: &App,
    scope: &Scope,
    domain: &SendingDomain,
) -> Result<Vec<Arc<dyn MailSigner>>, Error> {
    let mut signers = Vec::with_capacity(domain.keys.len());
    for key in &domain.keys {
        let service = service_of(domain.id, key.algorithm);
        let private = secrets::resolve(app, scope, &service, domain.client_id)
            .await?
            .ok_or_else(|| {
                Error::internal(format!("a key of the sending domain {} is missing", domain.id))
            })?;
        let signer = app
            .dkim
            .signer(&domain.domain, &key.selector, key.algorithm, &private)
            .map_err(Error::internal)?;
        signers.push(signer);
    }
    Ok(signers)
}
