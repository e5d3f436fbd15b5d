//! Writes what some rows say, in the transaction of the caller.

use super::merge::{self, Changes, Known, Manner};
use super::row::Row;
use crate::leads::stage_changed;
use crate::{App, email, scoring};
use groundswell_domain::consents::{Consent, ConsentDecision, ConsentSource};
use groundswell_domain::leads::{Import, ImportCounts, ImportError, LeadEvent, Mark};
use groundswell_domain::region::Region;
use groundswell_domain::{Error, LeadId, Repos, Scope, UnitOfWork};
use std::collections::HashSet;

pub(super) fn manner(import: &Import) -> Manner {
    Manner {
        tags: import.tags.clone(),
        on_existing: import.on_existing,
        source: "import",
    }
}

pub(super) async fn write(
    app: &App,
    scope: &Scope,
    unit: &dyn UnitOfWork,
    import: &Import,
    read: Read,
    region: Option<Region>,
) -> Result<(ImportCounts, Vec<ImportError>), Error> {
    let (mut rows, mut counts, mut errors) = without_erased(app, scope, unit, read).await?;
    let manner = manner(import);
    let mut meant = Vec::new();
    // Someone else may take an address between our look and our insert: those rows go round again, as updates.
    while !rows.is_empty() {
        let mut known = known(unit, &mut rows).await?;
        let ours = if manner.skips() {
            let there: Vec<LeadId> = known.values().map(|lead| lead.id).collect();
            unit.imports().created(import.id, &there).await?
        } else {
            HashSet::new()
        };
        let mut changes = merge::merge(&rows, &manner, &mut known, &ours, app.now(), || app.id());
        for lead in changes.inserts.iter_mut().chain(&mut changes.updates) {
            lead.read_phone(region);
        }
        let added = apply(app, scope, unit, import, &changes).await?;
        if added.len() == changes.inserts.len() {
            errors.append(&mut changes.errors);
            counts.add(changes.counts);
            meant.extend(changes.meant);
            break;
        }
        let lost: HashSet<LeadId> = changes
            .inserts
            .iter()
            .map(|lead| lead.id)
            .filter(|id| !added.contains(id))
            .collect();
        meant.extend(changes.meant.iter().filter(|id| !lost.contains(id)));
        rows = lost_race(&changes, &added, rows, &mut counts);
        // What is wrong with a line that goes round again is found out then.
        let again: HashSet<i64> = rows.iter().map(|row| row.line).collect();
        changes.errors.retain(|error| !again.contains(&error.line));
        let failed = i64::try_from(changes.errors.len()).unwrap_or_default();
        counts.failed += failed;
        counts.unchanged -= failed;
        errors.append(&mut changes.errors);
    }
    consent(app, unit, import, meant).await?;
    Ok((counts, errors))
}

/// Writes the leads, with what is needed to undo it.
async fn apply(
    app: &App,
    scope: &Scope,
    unit: &dyn UnitOfWork,
    import: &Import,
    changes: &Changes,
) -> Result<HashSet<LeadId>, Error> {
    let (leads, imports) = (unit.leads(), unit.imports());
    if !changes.updates.is_empty() {
        let marks = changes.updates.iter().map(|lead| (lead.id, Mark::Updated));
        imports.mark(import.id, &marks.collect::<Vec<_>>()).await?;
        leads.update_many(&changes.updates).await?;
        let moved = changes.updates.iter().filter_map(|lead| {
            let was = changes.moved.get(&lead.id)?;
            // By the import: an undo takes these back.
            Some(LeadEvent {
                subject: Some(import.id.0),
                ..stage_changed(app, scope, lead, *was)
            })
        });
        let moved: Vec<_> = moved.collect();
        if !moved.is_empty() {
            scoring::happened(app, scope, unit, &moved).await?;
        }
    }
    let added = leads.insert_many(&changes.inserts).await?;
    let marks: Vec<_> = added.iter().map(|id| (*id, Mark::Created)).collect();
    imports.mark(import.id, &marks).await?;
    let written = changes
        .updates
        .iter()
        .map(|lead| lead.id)
        .chain(added.iter().copied());
    scoring::refit(app, scope, unit, &written.collect::<Vec<_>>()).await?;
    Ok(added.into_iter().collect())
}

/// Writes down what the people agreed to, but for those who have decided already: nobody's withdrawal is lifted by a file.
async fn consent(
    app: &App,
    unit: &dyn UnitOfWork,
    import: &Import,
    mut leads: Vec<LeadId>,
) -> Result<(), Error> {
    let Some(given) = &import.consent else {
        return Ok(());
    };
    leads.sort_unstable();
    leads.dedup();
    for decision in [ConsentDecision::Granted, ConsentDecision::Withdrawn] {
        let decided = unit.consents().decided(&given.purpose, decision, &leads).await?;
        leads.retain(|id| !decided.contains(id));
    }
    let consents: Vec<Consent> = leads
        .iter()
        .map(|id| Consent {
            id: app.id(),
            lead_id: *id,
            purpose: given.purpose.clone(),
            decision: ConsentDecision::Granted,
            text: Some(given.text.clone()),
            source: ConsentSource::Import,
            form_id: None,
            submission_id: None,
            import_id: Some(import.id),
            recorded_by: None,
            confirmation: None,
            created_at: app.now(),
        })
        .collect();
    unit.consents().add_many(&consents).await?;
    let marks: Vec<_> = leads.into_iter().map(|id| (id, Mark::Consented)).collect();
    Ok(unit.imports().mark(import.id, &marks).await?)
}

pub(super) type Read = (Vec<Row>, ImportCounts, Vec<ImportError>);

/// Lines about people who were erased are refused, and not kept either.
pub(super) async fn without_erased<R: Repos + ?Sized>(
    app: &App,
    scope: &Scope,
    repos: &R,
    (rows, mut counts, mut errors): Read,
) -> Result<Read, Error> {
    let keys: Vec<String> = rows.iter().map(|row| row.email.key()).collect();
    let erased = email::erased(app, repos, scope, &keys).await?;
    if erased.is_empty() {
        return Ok((rows, counts, errors));
    }
    let (gone, rows): (Vec<Row>, Vec<Row>) = rows
        .into_iter()
        .partition(|row| erased.contains(&row.email.key()));
    for row in gone {
        counts.failed += 1;
        errors.push(ImportError {
            line: row.line,
            field: "email".into(),
            message: "this person asked to be forgotten".into(),
            raw: String::new(),
        });
    }
    Ok((rows, counts, errors))
}

/// Counts what went through, and gives back the rows whose address was taken meanwhile.
fn lost_race(
    changes: &Changes,
    added: &HashSet<LeadId>,
    rows: Vec<Row>,
    counts: &mut ImportCounts,
) -> Vec<Row> {
    let lost: HashSet<String> = changes
        .inserts
        .iter()
        .filter(|lead| !added.contains(&lead.id))
        .map(|lead| lead.email.key())
        .collect();
    let (again, through): (Vec<Row>, Vec<Row>) =
        rows.into_iter().partition(|row| lost.contains(&row.email.key()));
    let created = i64::try_from(added.len()).unwrap_or_default();
    let rest = i64::try_from(through.len()).unwrap_or_default() - created;
    counts.created += created;
    // Of the rows that found their lead, as many as it said changed it; lost rows are counted in their next round.
    counts.updated += changes.counts.updated.min(rest);
    counts.unchanged += rest - changes.counts.updated.min(rest);
    again
}

/// The leads that have an address of these rows. A row with another address of a lead, one that was merged, gets the lead's own.
pub(super) async fn known<R: Repos + ?Sized>(repos: &R, rows: &mut [Row]) -> Result<Known, Error> {
    let mut keys: Vec<String> = rows.iter().map(|row| row.email.key()).collect();
    keys.sort();
    keys.dedup();
    let leads = repos.leads().by_email_keys(&keys).await?;
    let known: Known = leads.into_iter().map(|lead| (lead.email.key(), lead)).collect();
    if known.keys().all(|key| keys.binary_search(key).is_ok()) {
        return Ok(known);
    }
    let aliases = repos.merges().aliases(&keys).await?;
    for row in rows {
        let owner = aliases.get(&row.email.key());
        if let Some(lead) = owner.and_then(|id| known.values().find(|lead| lead.id == *id)) {
            row.email = lead.email.clone();
        }
    }
    Ok(known)
}
