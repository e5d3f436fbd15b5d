//! Ids that sort by the time they were made.

use groundswell_domain::platform::Ids;
use uuid::Uuid;

/// UUID version 7. Within one process each is greater than the one before, also within a millisecond.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    #[expect(clippy::disallowed_methods, reason = "this is the port's implementation")]
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_grow() {
        let ids: Vec<Uuid> = (0..10_000).map(|_| SystemIds.next()).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
        assert_eq!(ids[0].get_version_num(), 7);
    }
}
