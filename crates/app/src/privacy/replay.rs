//! Does again what a database that was restored from a backup does not know of.

use super::account;
use super::erase::leave_receipt;
use crate::App;
use groundswell_domain::identity::{UserFilter, UserSort};
use groundswell_domain::privacy::{ErasureKind, ErasureRecord, Touched};
use groundswell_domain::{Error, LeadId, OrganizationId, PageRequest, Scope, Sort, UnitOfWork, UserId};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Addresses that are compared with hashes at a time.
const PIECE: u32 = 1000;

/// What became of the lines of a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Replayed {
    pub applied: u64,
    /// The database knew them already.
    pub known: u64,
    /// Of organizations that are not in this database.
    pub elsewhere: u64,
    /// The database has what came after them, so it is not one of before: they did not happen, and are left alone.
    pub stale: u64,
}

/// Doing it twice is as good as once. When the database knows all of it, this is a look-up by key per organization.
pub async fn replay_erasures(app: &App, records: &[ErasureRecord]) -> Result<Replayed, Error> {
    let mut by_organization = BTreeMap::<OrganizationId, Vec<&ErasureRecord>>::new();
    for record in records {
        by_organization
            .entry(record.organization_id)
            .or_default()
            .push(record);
    }
    let mut replayed = Replayed::default();
    for (organization, records) in by_organization {
        let scope = Scope::operator(organization, app.request_id());
        let repos = app.store.read(&scope);
        let ids: Vec<_> = records.iter().map(|record| record.id).collect();
        let known: HashSet<_> = repos.erasures().known(&ids).await?.into_iter().collect();
        let new: Vec<_> = records
            .iter()
            .filter(|record| !known.contains(&record.id))
            .collect();
        replayed.known += (records.len() - new.len()) as u64;
        if new.is_empty() {
            continue;
        }
        if repos.identity().organization().await?.is_none() {
            replayed.elsewhere += new.len() as u64;
            continue;
        }
        let addresses = addresses(app, &scope, &new).await?;
        for record in new {
            if apply(app, &scope, record, &addresses).await? {
                replayed.applied += 1;
            } else {
                tracing::warn!(
                    erasure = %record.id,
                    "this erasure of the journal is older than what it would erase now: it was not done"
                );
                replayed.stale += 1;
            }
        }
    }
    Ok(replayed)
}

/// The addresses behind the hashes, as far as the database has them. A hash can't be turned round, so all are tried.
async fn addresses(
    app: &App,
    scope: &Scope,
    records: &[&&ErasureRecord],
) -> Result<HashMap<String, String>, Error> {
    let leads = records.iter().filter(|record| record.kind == ErasureKind::Lead);
    let wanted: HashSet<&String> = leads.filter_map(|record| record.subject_hash.as_ref()).collect();
    let mut found = HashMap::new();
    let mut after = String::new();
    while !wanted.is_empty() {
        let keys = app.store.read(scope).erasures().addresses(&after, PIECE).await?;
        let Some(last) = keys.last() else { break };
        after.clone_from(last);
        for key in keys {
            let hash = app.pseudonyms.of_address(scope.organization, &key);
            if wanted.contains(&hash) {
                found.insert(hash, key);
            }
        }
    }
    Ok(found)
}

/// False when it was left alone.
async fn apply(
    app: &App,
    scope: &Scope,
    record: &ErasureRecord,
    addresses: &HashMap<String, String>,
) -> Result<bool, Error> {
    let unit = app.store.begin(scope).await?;
    let mut stores = Vec::new();
    match record.kind {
        ErasureKind::Lead => {
            let id = record.subject_id.map(LeadId);
            let lead = match id {
                Some(id) => unit.leads().get(id).await?,
                None => None,
            };
            // It may have had another address when the backup was made.
            let hash = record.subject_hash.as_ref();
            let keys: HashSet<String> = lead
                .iter()
                .map(|lead| lead.email.key())
                .chain(hash.and_then(|hash| addresses.get(hash)).cloned())
                .collect();
            let keys: Vec<String> = keys.into_iter().collect();
            // Who was erased and is a lead again came back by their own hand.
            let leads = unit.leads().by_email_keys(&keys).await?;
            if leads.iter().any(|lead| lead.created_at > record.created_at) {
                return Ok(false);
            }
            for key in keys {
                let done = unit.erasures().erase_lead(id, &key, app.now()).await?;
                stores = sum(stores, done);
            }
        }
        ErasureKind::User => {
            let id = record.subject_id.map(UserId);
            if let Some(id) = id
                && let Some(user) = unit.identity().user(id).await?
            {
                if user.last_login_at.is_some_and(|at| at > record.created_at) {
                    return Ok(false);
                }
                stores = unit.erasures().erase_user(&user, app.now()).await?;
            }
        }
        ErasureKind::Organization => {
            if has_newer_people(unit.as_ref(), record).await? {
                return Ok(false);
            }
            account::queue_the_end(app, unit.as_ref()).await?;
        }
    }
    let erasure = leave_receipt(app, unit.as_ref(), record, stores).await?;
    unit.commit().await?;
    tracing::info!(erasure = %erasure.id, "an erasure was done again");
    Ok(true)
}

/// Only the last person of an organization deletes it: whoever came later shows that it went on.
async fn has_newer_people(unit: &dyn UnitOfWork, record: &ErasureRecord) -> Result<bool, Error> {
    let page = PageRequest::first(1, Sort::descending(UserSort::CreatedAt));
    let people = unit.identity().users(&UserFilter::default(), &page).await?;
    Ok(people
        .items
        .iter()
        .any(|person| person.created_at > record.created_at))
}

fn sum(mut all: Vec<Touched>, more: Vec<Touched>) -> Vec<Touched> {
    for new in more {
        let same = all
            .iter_mut()
            .find(|old| old.store == new.store && old.treatment == new.treatment);
        match same {
            Some(old) => old.rows += new.rows,
            None => all.push(new),
        }
    }
    all
}
