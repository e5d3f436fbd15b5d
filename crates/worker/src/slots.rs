//! What a worker can do at the same time: each queue has slots of its own, so that long imports never keep a mail waiting.

use crate::registry::QUEUES;
use crate::runner::WorkerSettings;
use groundswell_domain::jobs::{Queue, Wanted};
use std::sync::Arc;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

struct Lane {
    queue: Queue,
    kinds: Vec<&'static str>,
    slots: Arc<Semaphore>,
}

pub(crate) struct Slots {
    lanes: Vec<Lane>,
    freed: Arc<Notify>,
}

/// One job's place. It is free again when this is dropped.
pub(crate) struct Slot {
    permit: Option<OwnedSemaphorePermit>,
    freed: Arc<Notify>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        // The place first: whoever is woken looks for it.
        drop(self.permit.take());
        self.freed.notify_one();
    }
}

impl Slots {
    pub fn new(settings: &WorkerSettings) -> Self {
        let lane = |queue: Queue| Lane {
            queue,
            kinds: QUEUES
                .iter()
                .filter(|(of, _)| *of == queue)
                .map(|(_, kind)| *kind)
                .collect(),
            slots: Arc::new(Semaphore::new(settings.slots.of(queue) as usize)),
        };
        Self {
            lanes: Queue::ALL.iter().copied().map(lane).collect(),
            freed: Arc::default(),
        }
    }

    /// What there is room for.
    pub fn free(&self) -> Vec<Wanted<'_>> {
        let wanted = self.lanes.iter().map(|lane| Wanted {
            queue: lane.queue,
            kinds: &lane.kinds,
            limit: u32::try_from(lane.slots.available_permits()).unwrap_or(u32::MAX),
        });
        wanted
            .filter(|wanted| wanted.limit > 0 && !wanted.kinds.is_empty())
            .collect()
    }

    /// The place for a job of this kind, which was free when it was claimed.
    pub async fn take(&self, kind: &str) -> Option<Slot> {
        let lane = self.lanes.iter().find(|lane| lane.kinds.contains(&kind))?;
        Some(Slot {
            permit: Some(lane.slots.clone().acquire_owned().await.ok()?),
            freed: self.freed.clone(),
        })
    }

    /// Resolves when a place may have become free since the last time.
    pub async fn freed(&self) {
        self.freed.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::KINDS;

    #[tokio::test]
    async fn a_full_queue_leaves_the_others_their_places() {
        let slots = Slots::new(&WorkerSettings::default());
        let room = |queue: Queue| {
            let free = slots.free();
            free.iter()
                .find(|wanted| wanted.queue == queue)
                .map_or(0, |wanted| wanted.limit)
        };
        let imports = room(Queue::Imports);
        assert!(imports > 0);
        let mut taken = Vec::new();
        for _ in 0..imports {
            taken.push(slots.take("leads.import").await.unwrap());
        }
        assert_eq!(room(Queue::Imports), 0);
        assert_eq!(room(Queue::Mail), WorkerSettings::default().slots.mail);
        taken.pop();
        slots.freed().await;
        assert_eq!(room(Queue::Imports), 1);
    }

    #[test]
    fn every_kind_waits_in_one_queue() {
        let slots = Slots::new(&WorkerSettings::default());
        let mut waiting: Vec<_> = slots
            .free()
            .iter()
            .flat_map(|wanted| wanted.kinds.to_vec())
            .collect();
        waiting.sort_unstable();
        let mut all = KINDS.to_vec();
        all.sort_unstable();
        assert_eq!(waiting, all);
    }
}
