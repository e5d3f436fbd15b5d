//! Put, list, delete.

use super::holder::{check, person, sees_shared};
use super::{HolderChoice, PutSecret, SecretView};
use crate::App;
use crate::audit::{self, Event};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::identity::Permission;
use groundswell_domain::secrets::{
    DataKey, Holder, HolderKind, Secret, SecretFilter, SecretSort, Service, WrappedKey, check_value, last4,
};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, Page, PageRequest, Scope, StoreError, UnitOfWork};
use secrecy::SecretString;
use serde_json::{Value, json};

const MISSING: Error = Error::NotFound { what: "secret" };

/// Tries of one request, when somebody else puts the same secret or a data key is retired at the same moment.
const TRIES: u32 = 5;

/// Keeps a value; one that is there already is replaced.
pub async fn put_secret(
    app: &App,
    scope: &Scope,
    service: Service,
    new: PutSecret,
) -> Result<SecretView, Error> {
    not_ours(&service)?;
    let mut problems = Problems::new();
    let holder = new.choice().resolve(scope, &mut problems)?;
    check_value(&mut problems, "value", &new.value);
    check(scope, app.store.read(scope).as_ref(), &mut problems, holder).await?;
    problems.finish()?;
    let holder = holder.ok_or(MISSING)?;
    for _ in 0..TRIES {
        if let Some(secret) = try_put(app, scope, holder, &service, &new.value).await? {
            return Ok(secret.into());
        }
    }
    Err(Error::conflict(
        "secret_changed_meanwhile",
        "this secret, its holder or its key is being changed at this moment: try again",
    ))
}

/// `None` when somebody else came in between.
async fn try_put(
    app: &App,
    scope: &Scope,
    holder: Holder,
    service: &Service,
    value: &SecretString,
) -> Result<Option<Secret>, Error> {
    let unit = app.store.begin(scope).await?;
    let key = data_key(app, scope, unit.as_ref()).await?;
    let old = unit.secrets().find_locked(holder, service).await?;
    let now = app.now();
    let secret = Secret {
        id: old.as_ref().map_or_else(|| app.id(), |old| old.id),
        holder,
        service: service.clone(),
        last4: last4(value),
        created_by: scope.actor.user(),
        created_at: old.as_ref().map_or(now, |old| old.created_at),
        updated_at: now,
        version: old.as_ref().map_or(1, |old| old.version + 1),
    };
    let sealed = app.vault.seal(&key, &secret.place(scope.organization), value)?;
    let written = match &old {
        Some(old) => unit.secrets().replace(&secret, &sealed, old.version).await,
        None => unit.secrets().insert(&secret, &sealed).await.map(|()| true),
    };
    match written {
        Ok(true) => {}
        Ok(false) | Err(StoreError::Duplicate { .. } | StoreError::MissingReference { .. }) => {
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    }
    let action = if old.is_some() {
        AuditAction::SecretReplaced
    } else {
        AuditAction::SecretCreated
    };
    let event = Event::of(action, secret.id).after(described(&secret));
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    Ok(Some(secret))
}

/// The data key that seals; the first secret of an organization makes one.
async fn data_key(app: &App, scope: &Scope, unit: &dyn UnitOfWork) -> Result<WrappedKey, Error> {
    if let Some(newest) = unit.data_keys().keys().await?.pop() {
        return Ok(newest.key);
    }
    let first = DataKey {
        key: app.vault.new_data_key(scope.organization, 1)?,
        created_at: app.now(),
    };
    unit.data_keys().add_key(&first).await?;
    // Perhaps somebody else's was first.
    let newest = unit.data_keys().keys().await?.pop();
    newest
        .map(|newest| newest.key)
        .ok_or_else(|| Error::internal("a data key was added and is not there"))
}

/// Keys that we made are not people's to replace or to take away.
fn not_ours(service: &Service) -> Result<(), Error> {
    if service.is_ours() {
        let message = format!("names that begin with `{}` belong to the system", Service::ours());
        return Err(Error::invalid("service", message));
    }
    Ok(())
}

/// Keeps a key that we made, in the caller's transaction. It is part of rotations like every other secret.
pub(crate) async fn keep_ours(
    app: &App,
    scope: &Scope,
    unit: &dyn UnitOfWork,
    holder: Holder,
    service: &Service,
    value: &SecretString,
) -> Result<(), Error> {
    let key = data_key(app, scope, unit).await?;
    let now = app.now();
    let secret = Secret {
        id: app.id(),
        holder,
        service: service.clone(),
        last4: last4(value),
        created_by: scope.actor.user(),
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let sealed = app.vault.seal(&key, &secret.place(scope.organization), value)?;
    Ok(unit.secrets().insert(&secret, &sealed).await?)
}

/// Takes away a key that we made.
pub(crate) async fn forget_ours(
    unit: &dyn UnitOfWork,
    holder: Holder,
    service: &Service,
) -> Result<(), Error> {
    if let Some(secret) = unit.secrets().find_locked(holder, service).await? {
        unit.secrets().delete(secret.id).await?;
    }
    Ok(())
}

/// For the audit log: whose it is and what for, and nothing of the value.
fn described(secret: &Secret) -> Value {
    json!({ "service": secret.service, "holder": secret.holder.kind(), "client_id": secret.holder.client() })
}

/// One's own secrets, and with the permission those of clients and of the organization.
pub async fn list_secrets(
    app: &App,
    scope: &Scope,
    choice: HolderChoice,
    service: Option<Service>,
    page: &PageRequest<SecretSort>,
) -> Result<Page<SecretView>, Error> {
    let user = person(scope)?;
    if choice.client_id.is_some() || choice.holder.is_some_and(|kind| kind != HolderKind::User) {
        scope.require(Permission::SecretsManage)?;
    }
    let filter = SecretFilter {
        user: Some(user),
        shared: sees_shared(scope),
        kind: choice.holder,
        client: choice.client_id,
        service,
    };
    let found = app.store.read(scope).secrets().list(&filter, page).await?;
    Ok(Page {
        items: found.items.into_iter().map(Into::into).collect(),
        next: found.next,
        total: found.total,
    })
}

pub async fn delete_secret(
    app: &App,
    scope: &Scope,
    service: &Service,
    choice: HolderChoice,
) -> Result<(), Error> {
    not_ours(service)?;
    let mut problems = Problems::new();
    let holder = choice.resolve(scope, &mut problems)?;
    check(scope, app.store.read(scope).as_ref(), &mut problems, holder).await?;
    problems.finish()?;
    let holder = holder.ok_or(MISSING)?;
    let unit = app.store.begin(scope).await?;
    let secret = unit
        .secrets()
        .find_locked(holder, service)
        .await?
        .ok_or(MISSING)?;
    unit.secrets().delete(secret.id).await?;
    let event = Event::of(AuditAction::SecretDeleted, secret.id).before(described(&secret));
    audit::record(app, scope, unit.as_ref(), event).await?;
    Ok(unit.commit().await?)
}
