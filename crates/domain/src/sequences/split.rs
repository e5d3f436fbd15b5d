//! Chance that is the same each time it is asked.

use super::definition::SplitWay;
use crate::ids::EnrollmentId;
use sha2::{Digest, Sha256};

/// The way of an enrollment at a step: by a hash of both, so that doing a step again after a crash goes the same way.
pub(super) fn way<'a>(ways: &'a [SplitWay], enrollment: EnrollmentId, step: &str) -> Option<&'a str> {
    let digest = Sha256::new()
        .chain_update(enrollment.0.as_bytes())
        .chain_update(step.as_bytes())
        .finalize();
    let (first, _) = digest.as_slice().split_first_chunk::<8>()?;
    let all: u64 = ways.iter().map(|way| u64::from(way.weight)).sum();
    let mut place = u64::from_be_bytes(*first).checked_rem(all)?;
    for way in ways {
        if place < u64::from(way.weight) {
            return Some(&way.next);
        }
        place -= u64::from(way.weight);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_are_taken_as_often_as_they_weigh_and_the_same_each_time() {
        let ways = [(3, "a"), (1, "b")].map(|(weight, next)| SplitWay {
            weight,
            next: next.to_owned(),
        });
        let ids = (0..4000_u128).map(|number| EnrollmentId(uuid::Uuid::from_u128(number << 64)));
        let taken = ids.filter(|id| way(&ways, *id, "step") == Some("a")).count();
        // Three standard deviations around 3000.
        assert!((2918..=3082).contains(&taken), "{taken}");
        let id = EnrollmentId(uuid::Uuid::from_u128(7));
        assert_eq!(way(&ways, id, "x"), way(&ways, id, "x"));
    }
}
