//! Looking for duplicates, in pieces of bounded size.
//!
//! A scan walks through all leads twice: first it writes down what each can be found by, then it compares each with
//! those that have something in common with it. How frequent a name is must be known before anything is compared, so it is
//! two walks. Afterwards a sweep does the same for what has come or changed, whom it compares with the others.

use super::commands::NewestScan;
use crate::jobs::{Progress, Stop};
use crate::{App, effect};
use chrono::TimeDelta;
use groundswell_domain::duplicates::{
    Candidates, CompareNewLeads, DuplicatePair, DuplicateScan, DuplicateScanStatus, DuplicateStatus,
    Frequencies, Keys, Person, ScanDuplicates,
};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::jobs::NewJob;
use groundswell_domain::leads::{Lead, LeadFilter, LeadOverview};
use groundswell_domain::{Error, LeadId, Repos, Scope};
use std::collections::{BTreeSet, HashMap};

/// Leads of a piece. Each is compared with some of others, which are read, too.
const PIECE: u32 = 250;
/// Leads that are read at once to be compared with.
const OTHERS: u32 = 2_000;
/// What is written by somebody else at this moment, with an earlier time, is not missed.
const SETTLED: TimeDelta = TimeDelta::seconds(10);
/// Organizations that are looked at together.
const PAGE: u32 = 200;

/// Begins a look through all leads, as a job.
pub async fn start_scan(app: &App, scope: &Scope) -> Result<DuplicateScan, Error> {
    scope.require(Permission::LeadsWrite)?;
    scope.require_whole_organization()?;
    let unit = app.store.begin(scope).await?;
    let now = app.now();
    let leads = LeadOverview::from(&unit.leads().status_counts().await?).total_leads;
    let scan = DuplicateScan::new(app.id(), leads, now);
    unit.duplicates().begin_scan(&scan).await?;
    let job = NewJob::new(app.id(), &ScanDuplicates { scan_id: scan.id }, now);
    unit.jobs().enqueue(&job, now).await?;
    effect::commit(app, scope, unit, Outcome::Accepted, &scan).await?;
    Ok(scan)
}

/// How far the newest scan came.
pub async fn get_scan(app: &App, scope: &Scope) -> Result<NewestScan, Error> {
    scope.require(Permission::LeadsRead)?;
    scope.require_whole_organization()?;
    let scan = app.store.read(scope).duplicates().scan().await?;
    Ok(NewestScan { scan })
}

/// The job. Ends at once when another scan took the place of this one.
pub async fn scan_duplicates(
    app: &App,
    scope: &Scope,
    job: &ScanDuplicates,
    stop: &Stop,
) -> Result<Progress, Error> {
    while !stop.is_set() {
        let unit = app.store.begin(scope).await?;
        let Some(mut scan) = unit.duplicates().lock_scan(job.scan_id).await? else {
            return Ok(Progress::Done);
        };
        if scan.status == DuplicateScanStatus::Done {
            return Ok(Progress::Done);
        }
        let leads = unit
            .leads()
            .after(&LeadFilter::default(), scan.after, PIECE)
            .await?;
        step(app, unit.as_ref(), &mut scan, &leads).await?;
        unit.duplicates().save_scan(&scan).await?;
        unit.commit().await?;
    }
    Ok(Progress::ContinueAt(app.now()))
}

/// One piece of one of the two walks.
async fn step<R: Repos + ?Sized>(
    app: &App,
    unit: &R,
    scan: &mut DuplicateScan,
    leads: &[Lead],
) -> Result<(), Error> {
    let people: Vec<Person> = leads.iter().map(Person::of).collect();
    let is_indexing = scan.status == DuplicateScanStatus::Indexing;
    if is_indexing {
        index(unit, &people).await?;
    } else {
        compare(app, unit, scan, people, true).await?;
    }
    scan.done += i64::try_from(leads.len()).unwrap_or(i64::MAX);
    scan.after = leads.last().map(|lead| lead.id);
    if leads.len() < PIECE as usize {
        scan.after = None;
        if is_indexing {
            scan.status = DuplicateScanStatus::Comparing;
        } else {
            scan.status = DuplicateScanStatus::Done;
            scan.finished_at = Some(app.now());
            // What was changed while it ran is looked at again.
            scan.seen = Some((scan.started_at - SETTLED, LeadId(uuid::Uuid::nil())));
        }
    }
    Ok(())
}

async fn index<R: Repos + ?Sized>(unit: &R, people: &[Person]) -> Result<(), Error> {
    let keys: Vec<(LeadId, Keys)> = people.iter().map(|person| (person.lead, person.keys())).collect();
    Ok(unit.duplicates().index(&keys).await?)
}

/// Compares these leads with those that share a key with them, and writes down what comes of it.
async fn compare<R: Repos + ?Sized>(
    app: &App,
    unit: &R,
    scan: &mut DuplicateScan,
    people: Vec<Person>,
    forward: bool,
) -> Result<(), Error> {
    let mine: Vec<LeadId> = people.iter().map(|person| person.lead).collect();
    let mut known = Frequencies {
        leads: u64::try_from(scan.leads).unwrap_or_default(),
        ..Frequencies::default()
    };
    count(unit, &mut known, &people).await?;
    let (keys, common) = Candidates::keys(&people, &known);
    let keys: Vec<String> = keys.into_iter().collect();
    let sharing = unit.duplicates().sharing(&keys).await?;
    let candidates = Candidates::of(&people, &sharing, forward);
    let mut by_id: HashMap<LeadId, Person> = people.into_iter().map(|person| (person.lead, person)).collect();
    let others: Vec<LeadId> = candidates
        .leads()
        .into_iter()
        .filter(|lead| !by_id.contains_key(lead))
        .collect();
    for ids in others.chunks(OTHERS as usize) {
        let filter = LeadFilter {
            lead_ids: Some(ids.to_vec()),
            ..LeadFilter::default()
        };
        let leads = unit.leads().after(&filter, None, OTHERS).await?;
        let more: Vec<Person> = leads.iter().map(Person::of).collect();
        // Names that only the others have tell a slip of the pen from another name.
        count(unit, &mut known, &more).await?;
        by_id.extend(more.into_iter().map(|person| (person.lead, person)));
    }
    let now = app.now();
    let found: Vec<DuplicatePair> = candidates
        .judged(&by_id, &known)
        .map(|(lead_a, lead_b, judgement)| DuplicatePair {
            id: app.id(),
            lead_a,
            lead_b,
            probability: judgement.probability,
            evidence: judgement.evidence,
            status: DuplicateStatus::Proposed,
            decided_by: None,
            decided_at: None,
            created_at: now,
        })
        .collect();
    unit.duplicates().found(&mine, forward, &found).await?;
    scan.compared += i64::try_from(candidates.len()).unwrap_or(i64::MAX);
    scan.proposed += i64::try_from(found.len()).unwrap_or(i64::MAX);
    scan.too_common += i64::try_from(common).unwrap_or(i64::MAX);
    Ok(())
}

async fn count<R: Repos + ?Sized>(unit: &R, known: &mut Frequencies, people: &[Person]) -> Result<(), Error> {
    let keys: BTreeSet<String> = people
        .iter()
        .flat_map(|person| person.keys().all().cloned().collect::<Vec<_>>())
        .filter(|key| !known.counts.contains_key(key))
        .collect();
    let keys: Vec<String> = keys.into_iter().collect();
    known.counts.extend(unit.duplicates().counts(&keys).await?);
    Ok(())
}

/// Puts a job into the queue for each organization with leads that came or changed since its scan. Any number of processes may do
/// so, as often as they like. Answers how many organizations they were.
pub async fn schedule_comparison(app: &App) -> Result<u64, Error> {
    let now = app.now();
    let (mut after, mut due) = (None, 0);
    loop {
        let page = app
            .system
            .leads()
            .organizations_to_compare(now - SETTLED, after, PAGE)
            .await?;
        for organization in &page {
            let scope = Scope::job(*organization, app.request_id());
            let job = NewJob::new(app.id(), &CompareNewLeads {}, now).unique("leads.compare_new");
            let unit = app.store.begin(&scope).await?;
            unit.jobs().enqueue(&job, now).await?;
            unit.commit().await?;
            due += 1;
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => after = Some(*last),
            _ => return Ok(due),
        }
    }
}

/// The job: leads that came or changed since they were last looked at.
pub async fn compare_new(app: &App, scope: &Scope, stop: &Stop) -> Result<Progress, Error> {
    while !stop.is_set() {
        let unit = app.store.begin(scope).await?;
        let Some(scan) = unit.duplicates().scan().await? else {
            return Ok(Progress::Done);
        };
        let Some(mut scan) = unit.duplicates().lock_scan(scan.id).await? else {
            return Ok(Progress::Done);
        };
        if scan.status != DuplicateScanStatus::Done {
            return Ok(Progress::Done);
        }
        let until = app.now() - SETTLED;
        let leads = unit.duplicates().changed(scan.seen, until, PIECE).await?;
        let Some(last) = leads.last() else {
            return Ok(Progress::Done);
        };
        scan.seen = Some((last.updated_at, last.id));
        let people: Vec<Person> = leads.iter().map(Person::of).collect();
        index(unit.as_ref(), &people).await?;
        let mut counted = DuplicateScan {
            leads: LeadOverview::from(&unit.leads().status_counts().await?).total_leads,
            ..scan.clone()
        };
        compare(app, unit.as_ref(), &mut counted, people, false).await?;
        scan.compared = counted.compared;
        scan.proposed = counted.proposed;
        unit.duplicates().save_scan(&scan).await?;
        unit.commit().await?;
    }
    Ok(Progress::ContinueAt(app.now()))
}

/// Waits for the piece of a scan that is being written. Whoever merges does so before anything else: both write what leads
/// can be found by, and a scan takes its own row first.
pub(super) async fn wait_for_scan<R: Repos + ?Sized>(unit: &R) -> Result<(), Error> {
    if let Some(scan) = unit.duplicates().scan().await? {
        unit.duplicates().lock_scan(scan.id).await?;
    }
    Ok(())
}

/// Writes down anew what leads can be found by, if they ever were looked at.
pub(super) async fn index_again<R: Repos + ?Sized>(unit: &R, leads: &[&Lead]) -> Result<(), Error> {
    if unit.duplicates().scan().await?.is_none() {
        return Ok(());
    }
    let people: Vec<Person> = leads.iter().map(|lead| Person::of(lead)).collect();
    index(unit, &people).await
}
