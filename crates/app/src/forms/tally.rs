//! Visits that this process has seen and not written down yet.
//!
//! Views come by the thousand and matter together: they are added up here and written once a second, instead of one
//! transaction each that all want the same row. A process that is killed forgets a second of them.

use groundswell_domain::OrganizationId;
use groundswell_domain::forms::{ExitKey, OTHER, VisitCounts, VisitKey, Visits};
use std::collections::{BTreeMap, HashMap};
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Most different counts that are kept in memory; anybody can make sources up.
const MOST: usize = 10_000;

#[derive(Default)]
struct Pending {
    visits: HashMap<(OrganizationId, VisitKey), Visits>,
    exits: HashMap<(OrganizationId, ExitKey), i64>,
}

#[derive(Default)]
pub(crate) struct Tally {
    pending: Mutex<Pending>,
    /// Somebody is going to take what is here.
    armed: AtomicBool,
}

impl Tally {
    fn lock(&self) -> MutexGuard<'_, Pending> {
        // Nothing is left half done in there.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nobody was told yet to take what is here.
    pub fn arm(&self) -> bool {
        !self.armed.swap(true, Ordering::Relaxed)
    }

    pub fn add(&self, organization: OrganizationId, mut key: VisitKey, visits: Visits) {
        let mut pending = self.lock();
        if pending.visits.len() >= MOST && !pending.visits.contains_key(&(organization, key.clone())) {
            OTHER.clone_into(&mut key.source);
        }
        *pending.visits.entry((organization, key)).or_default() += visits;
    }

    /// The same for where visits ended. Forms have few fields, so that these need no limit.
    pub fn add_exits(&self, organization: OrganizationId, key: ExitKey, count: i64) {
        *self.lock().exits.entry((organization, key)).or_default() += count;
    }

    pub fn take(&self) -> BTreeMap<OrganizationId, VisitCounts> {
        // First: what comes from here on is for somebody else to take.
        self.armed.store(false, Ordering::Relaxed);
        let pending = mem::take(&mut *self.lock());
        let mut all = BTreeMap::<_, VisitCounts>::new();
        for ((organization, key), visits) in pending.visits {
            all.entry(organization).or_default().visits.push((key, visits));
        }
        for ((organization, key), count) in pending.exits {
            all.entry(organization).or_default().exits.push((key, count));
        }
        all
    }

    /// What could not be written; for the next time.
    pub fn put_back(&self, organization: OrganizationId, counts: VisitCounts) {
        for (key, visits) in counts.visits {
            self.add(organization, key, visits);
        }
        for (key, count) in counts.exits {
            self.add_exits(organization, key, count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    fn key(source: &str) -> VisitKey {
        VisitKey {
            form: uuid::Uuid::from_u128(1).into(),
            day: NaiveDate::default(),
            source: source.to_owned(),
        }
    }

    const ONE: Visits = Visits {
        views: 1,
        starts: 0,
        completions: 0,
    };

    #[test]
    fn what_is_added_comes_out_once_added_up() {
        let tally = Tally::default();
        let organization = uuid::Uuid::nil().into();
        tally.add(organization, key("a"), ONE);
        tally.add(organization, key("a"), ONE);
        assert!(tally.arm());
        assert!(!tally.arm());
        let taken = tally.take().remove(&organization).unwrap();
        assert_eq!(taken.visits[0].1.views, 2);
        assert!(tally.arm());
        assert!(tally.take().is_empty());
        tally.put_back(organization, taken);
        assert_eq!(tally.take()[&organization].visits[0].1.views, 2);
    }

    #[test]
    fn made_up_sources_fill_no_memory() {
        let tally = Tally::default();
        let organization = uuid::Uuid::nil().into();
        for number in 0..MOST + 100 {
            tally.add(organization, key(&number.to_string()), ONE);
        }
        let taken = tally.take().remove(&organization).unwrap();
        assert_eq!(taken.visits.len(), MOST + 1);
        let other = taken.visits.iter().find(|(key, _)| key.source == OTHER).unwrap();
        assert_eq!(other.1.views, 100);
    }
}
