//! Domains: create, read, update, delete.

use super::commands::{DomainPatch, DomainView, NewDomain};
use super::{MISSING, NEEDS, keys};
use crate::audit::{self, Event};
use crate::clients::check_client;
use crate::{App, effect, version};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::email::{
    DkimAlgorithm, DomainChecks, MailFrom, SendingDomain, SendingDomainSort, is_free_mail, next_look,
    registrable, sending_name,
};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, Page, PageRequest, Scope, SendingDomainId, StoreError};
use serde_json::json;

/// Domains of one organization.
const MOST: u64 = 100;

/// Makes the keys. Nothing is sent from the domain before a check has found them in the DNS.
pub async fn create_domain(app: &App, scope: &Scope, new: NewDomain) -> Result<DomainView, Error> {
    scope.require(NEEDS)?;
    let mut problems = Problems::new();
    let name = problems
        .take("domain", sending_name(&new.domain))
        .unwrap_or_default();
    if !name.is_empty() {
        problems.check(
            registrable(&name).is_some(),
            "domain",
            "must be a domain of your own, such as example.com",
        );
        problems.check(
            !is_free_mail(&name),
            "domain",
            "belongs to a provider of mailboxes, who alone can set its records",
        );
    }
    let mut algorithms = new.algorithms.unwrap_or_else(|| vec![DkimAlgorithm::Rsa]);
    algorithms.sort_unstable();
    algorithms.dedup();
    problems.check(
        algorithms.contains(&DkimAlgorithm::Rsa),
        "algorithms",
        "must contain `rsa`: not every receiver checks other signatures",
    );
    let mut from = new.from;
    check_from(&mut problems, &mut from, new.client_id.is_some(), &name);
    check_client(app.store.read(scope).as_ref(), &mut problems, new.client_id).await?;
    problems.finish()?;

    let (id, now): (SendingDomainId, _) = (app.id(), app.now());
    // The end of an id is random, and two organizations may send from one domain.
    let text = id.0.simple().to_string();
    let keys = keys::make(app, &format!("gs{}", &text[text.len() - 8..]), &algorithms).await?;
    let domain = SendingDomain {
        id,
        domain: name,
        client_id: new.client_id,
        from,
        keys: keys.iter().map(|(key, _)| key.clone()).collect(),
        checks: DomainChecks::default(),
        verified_at: None,
        // Its owner sets the records first, and asks for a check when they are there.
        check_at: Some(now + next_look(app.jitter())),
        warmup: new.warmup,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let unit = app.store.begin(scope).await?;
    if unit.sending().count_domains().await? >= MOST {
        return Err(Error::conflict(
            "too_many_domains",
            format!("an organization has at most {MOST} sending domains"),
        ));
    }
    match unit.sending().insert_domain(&domain).await {
        Err(StoreError::Duplicate { .. }) => {
            return Err(Error::conflict(
                "domain_exists",
                format!("{} is there already", domain.domain),
            ));
        }
        other => other?,
    }
    keys::keep(app, scope, unit.as_ref(), &domain, &keys).await?;
    let event = Event::of(AuditAction::SendingDomainCreated, id).after(json!({ "domain": domain.domain }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    let view = DomainView::of(domain, &app.settings.spf);
    effect::commit(app, scope, unit, Outcome::Created, &view).await?;
    Ok(view)
}

fn check_from(problems: &mut Problems, from: &mut Option<MailFrom>, of_client: bool, domain: &str) {
    let Some(from) = from else { return };
    from.check(problems, "from");
    problems.check(
        of_client,
        "from",
        "is for domains of clients; your own mails come from whom the organization's setting `from` names",
    );
    problems.check(
        from.domain() == domain,
        "from.address",
        "must be an address at this domain",
    );
}

pub async fn get_domain(app: &App, scope: &Scope, id: SendingDomainId) -> Result<DomainView, Error> {
    scope.require(Permission::EmailRead)?;
    let found = app.store.read(scope).sending().domain(id).await?;
    found
        .map(|domain| DomainView::of(domain, &app.settings.spf))
        .ok_or(MISSING)
}

pub async fn list_domains(
    app: &App,
    scope: &Scope,
    page: &PageRequest<SendingDomainSort>,
) -> Result<Page<DomainView>, Error> {
    scope.require(Permission::EmailRead)?;
    let found = app.store.read(scope).sending().list_domains(page).await?;
    Ok(Page {
        items: found
            .items
            .into_iter()
            .map(|domain| DomainView::of(domain, &app.settings.spf))
            .collect(),
        next: found.next,
        total: found.total,
    })
}

pub async fn update_domain(
    app: &App,
    scope: &Scope,
    id: SendingDomainId,
    patch: DomainPatch,
    expected: Option<i32>,
) -> Result<DomainView, Error> {
    scope.require(NEEDS)?;
    let unit = app.store.begin(scope).await?;
    let old = unit.sending().domain(id).await?.ok_or(MISSING)?;
    let (mut domain, current) = (old.clone(), old.version);
    version::check("sending domain", current, expected)?;
    patch.from.apply(&mut domain.from);
    domain.warmup = patch.warmup.unwrap_or(domain.warmup);
    let mut problems = Problems::new();
    check_from(
        &mut problems,
        &mut domain.from,
        domain.client_id.is_some(),
        &domain.domain,
    );
    problems.finish()?;
    domain.updated_at = app.now();
    domain.version += 1;
    let written = unit.sending().update_domain(&domain, current).await?;
    version::written("sending domain", written, current)?;
    let (before, after) = audit::changes(&old, &domain)?;
    let event = Event::of(AuditAction::SendingDomainUpdated, id)
        .before(before)
        .after(after);
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    app.senders.invalidate(&scope.organization).await;
    Ok(DomainView::of(domain, &app.settings.spf))
}

/// Its keys go with it. Mails that wait are sent from whoever the others come from.
pub async fn delete_domain(app: &App, scope: &Scope, id: SendingDomainId) -> Result<(), Error> {
    scope.require(NEEDS)?;
    let unit = app.store.begin(scope).await?;
    let domain = unit.sending().domain(id).await?.ok_or(MISSING)?;
    let organization = unit.identity().organization().await?;
    let from = organization.and_then(|organization| organization.from);
    if domain.client_id.is_none() && from.is_some_and(|from| from.domain() == domain.domain) {
        return Err(Error::conflict(
            "domain_in_use",
            "the organization's mails come from this domain: change its setting `from` first",
        ));
    }
    keys::forget(unit.as_ref(), &domain).await?;
    unit.sending().delete_domain(id).await?;
    let event = Event::of(AuditAction::SendingDomainDeleted, id).before(json!({ "domain": domain.domain }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    app.senders.invalidate(&scope.organization).await;
    Ok(())
}
