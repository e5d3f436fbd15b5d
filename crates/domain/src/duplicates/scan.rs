//! Looking for duplicates: among all leads when somebody asks, and from then on among those that came or changed since.

use super::person::{Frequencies, Person};
use super::weigh::{Judgement, PROPOSE, judge};
use crate::ids::{DuplicateScanId, LeadId};
use crate::jobs::{JobPayload, Priority, Queue};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Leads that share a key are compared with each other, as long as they are no more than these: what a thousand leads have
/// in common says nothing about two of them.
pub const MOST_IN_BLOCK: u64 = 50;

crate::text_enum::text_enum! {
    /// Where a scan stands.
    DuplicateScanStatus {
        /// What leads can be found by is being written down.
        Indexing => "indexing",
        Comparing => "comparing",
        Done => "done",
    }
}

/// A look through all leads. An organization has one at most: another one begins in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DuplicateScan {
    pub id: DuplicateScanId,
    pub status: DuplicateScanStatus,
    /// Leads that there were when it began.
    pub leads: i64,
    /// Leads that are done, of both walks.
    pub done: i64,
    /// Pairs that were compared.
    pub compared: i64,
    /// Pairs that are probably one person.
    pub proposed: i64,
    /// Keys of leads that were not followed because more than 50 leads have the same: what is found by those alone was not compared.
    pub too_common: i64,
    pub started_at: DateTime<Utc>,
    /// Null while it runs.
    pub finished_at: Option<DateTime<Utc>>,
    /// The last lead that is done.
    #[serde(skip)]
    pub after: Option<LeadId>,
    /// The last change of a lead that was looked at since.
    #[serde(skip)]
    pub seen: Option<(DateTime<Utc>, LeadId)>,
}

impl DuplicateScan {
    /// From the start.
    pub fn new(id: DuplicateScanId, leads: i64, now: DateTime<Utc>) -> Self {
        Self {
            id,
            status: DuplicateScanStatus::Indexing,
            leads,
            done: 0,
            compared: 0,
            proposed: 0,
            too_common: 0,
            started_at: now,
            finished_at: None,
            after: None,
            seen: None,
        }
    }
}

/// Goes through all leads of an organization, from where the scan stands.
#[derive(Debug, Serialize, Deserialize)]
pub struct ScanDuplicates {
    pub scan_id: DuplicateScanId,
}

impl JobPayload for ScanDuplicates {
    const KIND: &'static str = "leads.scan_duplicates";
    const QUEUE: Queue = Queue::Heavy;
    const PRIORITY: Priority = Priority::Low;
}

/// Compares leads that came or changed since.
#[derive(Debug, Serialize, Deserialize)]
pub struct CompareNewLeads {}

impl JobPayload for CompareNewLeads {
    const KIND: &'static str = "leads.compare_new";
    const PRIORITY: Priority = Priority::Low;
}

/// Some leads, and which others they are to be compared with.
#[derive(Debug, Default)]
pub struct Candidates {
    pairs: BTreeSet<(LeadId, LeadId)>,
}

impl Candidates {
    /// Keys of these leads that are worth following, and how many are not.
    pub fn keys(people: &[Person], known: &Frequencies) -> (BTreeSet<String>, u64) {
        let (mut keys, mut common) = (BTreeSet::new(), 0);
        for key in people.iter().flat_map(|person| person.keys().blocks) {
            match known.of(&key) {
                0 | 1 => {}
                2..=MOST_IN_BLOCK => drop(keys.insert(key)),
                _ => common += 1,
            }
        }
        (keys, common)
    }

    /// Of leads that share keys: each of `people` with each other one. `forward` takes only those that come later, for walks
    /// that come by them anyway.
    pub fn of(people: &[Person], sharing: &[(String, LeadId)], forward: bool) -> Self {
        let mut blocks = BTreeMap::<&str, Vec<LeadId>>::new();
        for (key, lead) in sharing {
            blocks.entry(key).or_default().push(*lead);
        }
        let mut pairs = BTreeSet::new();
        for person in people {
            for key in person.keys().blocks {
                for other in blocks.get(key.as_str()).into_iter().flatten() {
                    if *other != person.lead && (!forward || *other > person.lead) {
                        pairs.insert(super::DuplicatePair::ordered(person.lead, *other));
                    }
                }
            }
        }
        Self { pairs }
    }

    pub fn leads(&self) -> BTreeSet<LeadId> {
        self.pairs
            .iter()
            .flat_map(|(one, other)| [*one, *other])
            .collect()
    }

    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Those that are probable enough.
    pub fn judged<'a>(
        &'a self,
        people: &'a HashMap<LeadId, Person>,
        known: &'a Frequencies,
    ) -> impl Iterator<Item = (LeadId, LeadId, Judgement)> + 'a {
        self.pairs.iter().filter_map(|(one, other)| {
            let judgement = judge(people.get(one)?, people.get(other)?, known);
            (judgement.probability >= PROPOSE).then_some((*one, *other, judgement))
        })
    }
}
