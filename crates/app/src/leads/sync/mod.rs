//! Leads that are pulled from somewhere else: a file or an API at an address, or another Groundswell.
//!
//! Whatever is there becomes the text of a CSV file, and is imported like one. So each sync has its counts, the lines that
//! failed with their reasons, and can be undone.

mod ask;
mod commands;
mod growing;
mod job;
mod manage;
mod pull;
mod records;

pub use commands::{NewLeadSource, SyncLeads, SyncStarted, SyncedSource};
pub use job::run_sync;
pub use manage::{create_source, delete_source, get_source, list_sources, replace_source, sync_leads};
