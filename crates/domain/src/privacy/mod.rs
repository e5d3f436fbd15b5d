//! What people can ask of those who keep data about them: to be forgotten, to see everything, and that nothing is kept for
//! longer than was said.
//!
//! An erasure leaves a receipt without personal data, in the database and in a journal outside of it: after a restore from a
//! backup, what was erased since is erased again.

mod erasure;
mod export;
mod ports;
mod retention;

pub use erasure::{EraseOrganization, Erasure, ErasureKind, ErasureRecord, ErasureSort, Touched, Treatment};
pub use export::{BuildExport, DataExport, ExportPart};
pub use ports::{ErasureJournal, ErasureRepo, ExportRepo, RetentionDirectory, RetentionDue, RetentionRepo};
pub use retention::{ApplyRetention, MOST_DAYS, Retained, Retention};
