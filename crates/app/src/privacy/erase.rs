//! Erases a lead, or whoever has an address.

use super::commands::NewErasure;
use super::line;
use crate::audit::{self, Event};
use crate::{App, effect};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::email::{EmailAddress, Suppression, SuppressionReason};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::leads::Lead;
use groundswell_domain::privacy::{Erasure, ErasureKind, ErasureRecord, Touched, Treatment};
use groundswell_domain::{Error, LeadId, Scope, UnitOfWork};
use std::collections::HashSet;

pub async fn erase_lead(app: &App, scope: &Scope, id: LeadId) -> Result<Erasure, Error> {
    scope.require(Permission::PrivacyManage)?;
    let unit = app.store.begin(scope).await?;
    let lead = unit.leads().get(id).await?;
    let lead = lead.ok_or(Error::NotFound { what: "lead" })?;
    let keys = keys_of(unit.as_ref(), &lead).await?;
    erase(app, scope, unit, Some(id), keys, Outcome::Done).await
}

/// Also of people who are no lead, or no longer: mails and lines of imports may name them.
pub async fn erase_address(app: &App, scope: &Scope, new: NewErasure) -> Result<Erasure, Error> {
    scope.require(Permission::PrivacyManage)?;
    let email: EmailAddress = new
        .email
        .parse()
        .map_err(|message: String| Error::invalid("email", message))?;
    let unit = app.store.begin(scope).await?;
    let lead = unit.leads().by_email_keys(&[email.key()]).await?.pop();
    let mut keys = vec![email.key()];
    if let Some(lead) = &lead {
        keys.extend(keys_of(unit.as_ref(), lead).await?);
        let mut seen = HashSet::new();
        keys.retain(|key| seen.insert(key.clone()));
    }
    let id = lead.map(|lead| lead.id);
    erase(app, scope, unit, id, keys, Outcome::Created).await
}

/// Every address by which a lead is found: its own, and those of leads that were merged with it.
async fn keys_of(unit: &dyn UnitOfWork, lead: &Lead) -> Result<Vec<String>, Error> {
    let mut keys = vec![lead.email.key()];
    keys.extend(unit.merges().addresses(&[lead.id]).await?);
    Ok(keys)
}

/// A receipt for each address; the answer is that of the first, which has what was done about the lead.
async fn erase(
    app: &App,
    scope: &Scope,
    unit: Box<dyn UnitOfWork>,
    lead: Option<LeadId>,
    keys: Vec<String>,
    outcome: Outcome,
) -> Result<Erasure, Error> {
    let (mut records, mut receipts) = (Vec::new(), Vec::new());
    for key in &keys {
        let record = record(app, scope, ErasureKind::Lead, lead.map(Into::into), key);
        let stores = unit.erasures().erase_lead(lead, key, record.created_at).await?;
        receipts.push(leave_receipt(app, unit.as_ref(), &record, stores).await?);
        records.push(record);
    }
    let first = receipts.into_iter().next();
    let erasure = first.ok_or_else(|| Error::internal("an erasure without an address"))?;
    let event = Event::of(AuditAction::LeadErased, erasure.id);
    audit::record(app, scope, unit.as_ref(), event).await?;
    let end = effect::commit(app, scope, unit, outcome, &erasure);
    line::commit(app, scope, &records, end).await?;
    tracing::info!(erasure = %erasure.id, "a lead was erased");
    Ok(erasure)
}

pub(super) fn record(
    app: &App,
    scope: &Scope,
    kind: ErasureKind,
    subject_id: Option<uuid::Uuid>,
    key: &str,
) -> ErasureRecord {
    ErasureRecord {
        id: app.id(),
        organization_id: scope.organization,
        kind,
        subject_id,
        subject_hash: Some(app.pseudonyms.of_address(scope.organization, key)),
        requested_by: scope.actor.user(),
        created_at: app.now(),
    }
}

/// The receipt; and of a lead, what keeps mail and imports from it.
pub(super) async fn leave_receipt(
    app: &App,
    unit: &dyn UnitOfWork,
    record: &ErasureRecord,
    mut stores: Vec<Touched>,
) -> Result<Erasure, Error> {
    if let (ErasureKind::Lead, Some(hash)) = (record.kind, &record.subject_hash) {
        let suppression = Suppression {
            id: app.id(),
            email: None,
            email_hash: Some(hash.clone()),
            reason: SuppressionReason::Erasure,
            note: None,
            created_at: record.created_at,
        };
        if unit.suppressions().insert(&suppression).await? {
            stores.push(Touched::new("suppressions", Treatment::Added, 1));
        }
    }
    let erasure = Erasure {
        id: record.id,
        kind: record.kind,
        subject_id: record.subject_id,
        subject_hash: record.subject_hash.clone(),
        stores,
        requested_by: record.requested_by,
        created_at: record.created_at,
    };
    unit.erasures().insert(&erasure).await?;
    Ok(erasure)
}
