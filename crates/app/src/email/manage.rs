//! The ledger as people see it, and the suppression list.

use super::commands::NewSuppression;
use super::suppressed::{keys_of, suppressed};
use crate::audit::{self, Event};
use crate::{App, effect};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::email::{
    EmailAddress, Message, MessageFilter, MessageSort, Suppression, SuppressionReason, SuppressionSort,
};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, MessageId, Page, PageRequest, Scope, SuppressionId};
use serde_json::json;

const NO_SUPPRESSION: Error = Error::NotFound { what: "suppression" };

pub async fn list_messages(
    app: &App,
    scope: &Scope,
    filter: &MessageFilter,
    page: &PageRequest<MessageSort>,
) -> Result<Page<Message>, Error> {
    scope.require(Permission::EmailRead)?;
    Ok(app.store.read(scope).messages().list(filter, page).await?)
}

pub async fn get_message(app: &App, scope: &Scope, id: MessageId) -> Result<Message, Error> {
    scope.require(Permission::EmailRead)?;
    app.store
        .read(scope)
        .messages()
        .get(id)
        .await?
        .ok_or(Error::NotFound { what: "message" })
}

/// Puts an address on the list by hand. One that is there already is a conflict.
pub async fn create_suppression(app: &App, scope: &Scope, new: NewSuppression) -> Result<Suppression, Error> {
    scope.require(Permission::SuppressionsWrite)?;
    let mut problems = Problems::new();
    let email = problems.take("email", new.email.parse::<EmailAddress>());
    let note = new.note.map(|note| problems.line("note", &note, 500, true));
    problems.finish()?;
    let Some(email) = email else {
        return Err(Error::invalid("email", "is not a valid mail address"));
    };
    let suppression = Suppression {
        id: app.id(),
        email: Some(email),
        email_hash: None,
        reason: SuppressionReason::Manual,
        note,
        created_at: app.now(),
    };
    let unit = app.store.begin(scope).await?;
    let keys = [suppression.key()];
    let known = suppressed(app, unit.as_ref(), scope, &keys).await?;
    if !known.is_empty() || !unit.suppressions().insert(&suppression).await? {
        return Err(Error::conflict(
            "already_suppressed",
            "this address is on the list already",
        ));
    }
    let event = Event::of(AuditAction::SuppressionAdded, suppression.id)
        .after(json!({ "reason": suppression.reason }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    effect::commit(app, scope, unit, Outcome::Created, &suppression).await?;
    Ok(suppression)
}

pub async fn get_suppression(app: &App, scope: &Scope, id: SuppressionId) -> Result<Suppression, Error> {
    scope.require(Permission::EmailRead)?;
    app.store
        .read(scope)
        .suppressions()
        .get(id)
        .await?
        .ok_or(NO_SUPPRESSION)
}

/// `address` finds its entry also when only a hash of it is kept.
pub async fn list_suppressions(
    app: &App,
    scope: &Scope,
    reason: Option<SuppressionReason>,
    address: Option<&str>,
    page: &PageRequest<SuppressionSort>,
) -> Result<Page<Suppression>, Error> {
    scope.require(Permission::EmailRead)?;
    let keys = address.map(|address| {
        keys_of(
            app,
            scope,
            &EmailAddress::from_trusted(address.trim().to_owned()).key(),
        )
    });
    let repos = app.store.read(scope);
    Ok(repos.suppressions().list(reason, keys.as_ref(), page).await?)
}

/// The address can be written to again.
pub async fn delete_suppression(app: &App, scope: &Scope, id: SuppressionId) -> Result<(), Error> {
    scope.require(Permission::SuppressionsWrite)?;
    let unit = app.store.begin(scope).await?;
    let old = unit.suppressions().get(id).await?.ok_or(NO_SUPPRESSION)?;
    if !unit.suppressions().delete(id).await? {
        return Err(NO_SUPPRESSION);
    }
    let event = Event::of(AuditAction::SuppressionRemoved, id).before(json!({ "reason": old.reason }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    Ok(unit.commit().await?)
}
