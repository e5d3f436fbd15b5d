//! How long an account makes people wait who tried wrong passwords.
//!
//! The wait grows and ends: an account is never locked, since then anybody could lock out anybody. Somebody who keeps trying
//! wrong passwords can only make *strangers* wait: a place from which the account was signed in to within [`KNOWN_PLACE`] has
//! a count of its own. Who is at a new place can choose a new password by mail.

use std::time::Duration;

/// Wrong passwords without a wait.
pub const FREE_FAILURES: u32 = 5;

/// The wait stops growing here.
pub const LONGEST_WAIT: Duration = Duration::from_mins(15);

/// Without another failure in this time, earlier ones are forgotten.
pub const FORGET_FAILURES: Duration = Duration::from_hours(1);

/// A place counts as the owner's for this long after a sign-in.
pub const KNOWN_PLACE: Duration = Duration::from_hours(30 * 24);

/// The wait before the next try after so many failures in a row: 2 s after the sixth, doubled by each further one.
pub fn wait_after(failures: u32) -> Duration {
    match failures.saturating_sub(FREE_FAILURES) {
        0 => Duration::ZERO,
        over => 2_u64
            .checked_pow(over)
            .map_or(LONGEST_WAIT, Duration::from_secs)
            .min(LONGEST_WAIT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_and_ends() {
        let seconds: Vec<u64> = (0..17)
            .chain([100, u32::MAX])
            .map(|failures| wait_after(failures).as_secs())
            .collect();
        assert_eq!(
            seconds,
            [
                0, 0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900
            ]
        );
    }
}
