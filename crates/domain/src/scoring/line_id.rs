//! Ids of ledger lines.

use crate::ids::{LeadId, ScoreEntryId, ScoringModelId};
use chrono::{DateTime, Utc};

/// A `UUIDv7` of the line's time whose random part is made from what the line is about: whoever computes a line again makes
/// the same one. The hash is FNV-1a of 128 bits, as in draft-eastlake-fnv.
pub(super) fn line_id(
    lead: LeadId,
    ledger: Option<ScoringModelId>,
    rule: &str,
    event: &str,
    at: DateTime<Utc>,
) -> ScoreEntryId {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let ledger = ledger.map(|model| model.0).unwrap_or_default();
    let parts = [
        lead.0.as_bytes().as_slice(),
        ledger.as_bytes(),
        rule.as_bytes(),
        &[0],
        event.as_bytes(),
    ];
    let hash = parts
        .into_iter()
        .flatten()
        .fold(BASIS, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(PRIME));
    let mut random = [0; 10];
    random.copy_from_slice(&hash.to_be_bytes()[..10]);
    // Before 1970 there was no Groundswell.
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &random)
        .into_uuid()
        .into()
}
