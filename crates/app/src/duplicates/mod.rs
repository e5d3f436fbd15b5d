//! Leads that are one person: proposals, the decision that two are two, and merging with a way back.

mod commands;
mod merge;
mod proposals;
mod scan;

pub use commands::{MergeInput, MergedLead, NewestScan, UnmergeInput, UnmergedLeads};
pub use merge::{merge_lead, unmerge_lead};
pub use proposals::{dismiss_duplicate, list_duplicates};
pub use scan::{compare_new, get_scan, scan_duplicates, schedule_comparison, start_scan};
