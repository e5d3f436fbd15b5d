//! Leads that are one person: finding them, proposing it with the evidence, and making one lead of two.
//!
//! Everything here is a pure function of leads and counts. [`Person`] is a lead as it is compared; its [`Keys`] say with whom,
//! [`judge`] how probable it is that two are one, and [`combine`] what they are together. A field that is to be compared, too, goes into
//! `person.rs`, `compare.rs` and `weigh.rs`; the figures of a generated list with known truth (testkit, `tests/duplicates.rs`)
//! tell whether that was good.

mod compare;
mod evidence;
mod merge;
mod nicknames;
mod pair;
mod person;
mod ports;
mod scan;
#[cfg(test)]
mod tests;
mod text;
mod undo;
mod weigh;

pub use compare::{EvidenceField, EvidenceLevel};
pub use evidence::DuplicateEvidence;
pub use merge::{LeadMerge, MergeExtras, MergeFields, MergeSide, combine};
pub use pair::{DuplicateFilter, DuplicatePair, DuplicateSort, DuplicateStatus};
pub use person::{Frequencies, Keys, Person};
pub use ports::{DuplicateRepo, MergeRepo};
pub use scan::{
    Candidates, CompareNewLeads, DuplicateScan, DuplicateScanStatus, MOST_IN_BLOCK, ScanDuplicates,
};
pub use undo::take_back;
pub use weigh::{Judgement, PROPOSE, judge};
