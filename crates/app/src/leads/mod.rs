//! Leads: keeping them, finding them, bringing them in and taking them out.

mod commands;
mod export;
mod history;
mod import;
mod manage;
pub mod prediction;
mod sync;
mod verify;

pub use commands::{
    ImportOptions, ImportPreview, ImportStarted, IncomingFile, LeadPatch, NewLead, PreviewColumn,
};
pub(crate) use export::lines;
pub use export::{csv_header, csv_rows, export, import_errors_csv, import_kept_csv};
pub use history::timeline;
pub(crate) use history::{event, stage_changed};
pub use import::{
    Preview, Receiver, fail_import, get_import, give_up_import, receive_import, run_import, run_undo,
    undo_import,
};
pub(crate) use manage::require;
pub use manage::{create_lead, delete_lead, get_lead, list_leads, overview, replace_lead, update_lead};
pub use sync::{
    NewLeadSource, SyncLeads, SyncStarted, SyncedSource, create_source, delete_source, get_source,
    list_sources, replace_source, run_sync, sync_leads,
};
pub use verify::{schedule_verification, verify_leads};
