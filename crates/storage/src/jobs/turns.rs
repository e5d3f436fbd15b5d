//! Whose turn it is: where the next claim goes on in the circle of organizations, for each queue.
//!
//! Each process goes around by itself. It is only about who is first among equals, so that nothing is lost with it.

use groundswell_domain::jobs::Queue;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

#[derive(Default)]
pub(crate) struct Turns(Mutex<BTreeMap<Queue, Uuid>>);

impl Turns {
    /// The organization that was served last.
    pub fn last(&self, queue: Queue) -> Uuid {
        let turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        turns.get(&queue).copied().unwrap_or_default()
    }

    /// These were served after `last`: the next turn begins after the one that is farthest around the circle.
    pub fn served(&self, queue: Queue, last: Uuid, organizations: &[Uuid]) {
        let farthest = organizations.iter().max_by_key(|id| (**id <= last, **id));
        if let Some(farthest) = farthest {
            let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            turns.insert(queue, *farthest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_circle_goes_on_after_the_farthest() {
        let turns = Turns::default();
        let id = Uuid::from_u128;
        assert_eq!(turns.last(Queue::Mail), Uuid::nil());
        turns.served(Queue::Mail, id(0), &[id(5), id(3)]);
        assert_eq!(turns.last(Queue::Mail), id(5));
        assert_eq!(turns.last(Queue::Heavy), Uuid::nil(), "each queue has its own");
        // Past the end and on from the beginning.
        turns.served(Queue::Mail, id(5), &[id(9), id(2)]);
        assert_eq!(turns.last(Queue::Mail), id(2));
        turns.served(Queue::Mail, id(2), &[]);
        assert_eq!(turns.last(Queue::Mail), id(2), "nobody was served");
    }
}
