//! Ids that are the same in every run.

use groundswell_domain::platform::Ids;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::{Builder, Uuid};

/// Counts up from a start; the ids look like UUID version 7 and sort in the order they were made.
#[derive(Debug)]
pub struct TestIds(AtomicU64);

impl TestIds {
    /// Ids from different starts (at least as far apart as ids are taken) are different.
    pub fn starting_at(start: u64) -> Self {
        Self(AtomicU64::new(start))
    }
}

impl Default for TestIds {
    fn default() -> Self {
        Self::starting_at(0)
    }
}

impl Ids for TestIds {
    fn next(&self) -> Uuid {
        let count = self.0.fetch_add(1, Ordering::Relaxed);
        let mut rest = [0; 10];
        rest[2..].copy_from_slice(&count.to_be_bytes());
        Builder::from_unix_timestamp_millis(1_800_000_000_000 + count, &rest).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_increase_and_have_version_seven() {
        let ids = TestIds::starting_at(u64::from(u32::MAX));
        let made: Vec<_> = (0..1000).map(|_| ids.next()).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(made.iter().all(|id| id.get_version_num() == 7));
    }
}
