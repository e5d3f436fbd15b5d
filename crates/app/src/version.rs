//! Optimistic locking: `If-Match` against the version of what is stored.

use groundswell_domain::Error;

/// Refuses when the caller expected another version than the newest.
pub(crate) fn check(what: &'static str, current: i32, expected: Option<i32>) -> Result<(), Error> {
    match expected {
        Some(expected) if expected != current => Err(Error::Stale { what, current }),
        _ => Ok(()),
    }
}

/// Turns a lost compare-and-set into an error: someone else wrote between our read and our write.
pub(crate) fn written(what: &'static str, written: bool, current: i32) -> Result<(), Error> {
    if written {
        Ok(())
    } else {
        Err(Error::Stale {
            what,
            current: current + 1,
        })
    }
}
