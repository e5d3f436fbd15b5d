//! How many requests may be on their way to one server.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// As many as a polite visitor has.
const PER_HOST: usize = 2;
/// Hosts that are remembered before those that nobody asks any more are forgotten.
const REMEMBERED: usize = 1000;

#[derive(Default)]
pub(crate) struct Slots(Mutex<HashMap<String, Weak<Semaphore>>>);

impl Slots {
    /// Waits for a turn. `None` never happens: nobody closes a semaphore.
    pub async fn take(&self, host: &str) -> Option<OwnedSemaphorePermit> {
        self.of(host).acquire_owned().await.ok()
    }

    fn of(&self, host: &str) -> Arc<Semaphore> {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slots) = hosts.get(host).and_then(Weak::upgrade) {
            return slots;
        }
        if hosts.len() >= REMEMBERED {
            hosts.retain(|_, slots| slots.strong_count() > 0);
        }
        let slots = Arc::new(Semaphore::new(PER_HOST));
        hosts.insert(host.to_owned(), Arc::downgrade(&slots));
        slots
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn a_third_request_waits_and_other_hosts_do_not() {
        let slots = Slots::default();
        let first = slots.take("a").await;
        let _second = slots.take("a").await;
        let short = Duration::from_millis(20);
        assert!(tokio::time::timeout(short, slots.take("a")).await.is_err());
        assert!(slots.take("b").await.is_some());
        drop(first);
        assert!(tokio::time::timeout(short, slots.take("a")).await.is_ok());
    }
}
