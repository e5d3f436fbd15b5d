//! How long to wait before trying again.

use chrono::TimeDelta;

/// min(15 s + 2^attempt s, 6 h) ± 10 %.
///
/// `attempt` counts from 1; `jitter` is random in 0.0..=1.0 and spreads tries that failed together.
pub fn backoff(attempt: u32, jitter: f64) -> TimeDelta {
    const LONGEST: u64 = 6 * 3600;
    let seconds = 15_u64
        .saturating_add(1_u64.checked_shl(attempt).unwrap_or(LONGEST))
        .min(LONGEST);
    let spread = 0.9 + 0.2 * jitter.clamp(0.0, 1.0);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "at most 6 h in ms"
    )]
    let millis = (seconds as f64 * 1000.0 * spread) as i64;
    TimeDelta::milliseconds(millis)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn grows_to_six_hours_and_never_leaves_its_ten_percent(attempt in 0u32..200, jitter in 0.0f64..=1.0) {
            let middle = backoff(attempt, 0.5).num_milliseconds();
            let wait = backoff(attempt, jitter).num_milliseconds();
            prop_assert!(wait * 10 >= middle * 9 - 10 && wait * 10 <= middle * 11 + 10);
            prop_assert!(middle <= 6 * 3600 * 1000);
            prop_assert!(backoff(attempt + 1, 0.5).num_milliseconds() >= middle);
        }
    }

    #[test]
    fn the_first_wait_is_seventeen_seconds() {
        assert_eq!(backoff(1, 0.5).num_seconds(), 17);
    }
}
