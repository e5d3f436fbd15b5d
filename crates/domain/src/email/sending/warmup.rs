//! A young domain sends few mails, then more each day, until receivers know it.

/// The most mails of each day on which the domain sends; after the last one there is no limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarmupPlan(pub Vec<u32>);

impl WarmupPlan {
    /// The most mails of a day, by the number of days before it on which the domain sent.
    pub fn cap(&self, days_before: u32) -> Option<u32> {
        self.0.get(days_before as usize).copied()
    }
}

/// How many of `wanted` mails fit into what is left of a day.
pub fn admit(cap: Option<u32>, sent: u32, wanted: usize) -> usize {
    cap.map_or(wanted, |cap| wanted.min(cap.saturating_sub(sent) as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_its_share_and_the_end_has_no_limit() {
        let plan = WarmupPlan(vec![50, 100]);
        assert_eq!(
            (plan.cap(0), plan.cap(1), plan.cap(2)),
            (Some(50), Some(100), None)
        );
        assert_eq!(admit(plan.cap(0), 0, 60), 50);
        assert_eq!(admit(plan.cap(0), 45, 60), 5);
        assert_eq!(admit(plan.cap(0), 70, 60), 0);
        assert_eq!(admit(plan.cap(2), 70, 60), 60);
    }
}
