//! Leads: keeping them, finding them, bringing them in and taking them out.

mod commands;
mod export;
mod history;
mod import;
mod manage;
pub mod prediction;
mod verify;

pub use commands::{ImportStarted, LeadPatch, NewLead, Upload};
pub use export::{csv_header, csv_rows, error_report, export, import_errors_csv};
pub(crate) use history::event;
pub use history::timeline;
pub use import::{
    ImportPlan, Line, LineReader, decode, get_import, give_up_import, import_chunk, note_file_import,
    run_import, start_import,
};
pub use manage::{
    create_lead, delete_lead, get_lead, list_leads, overview, replace_lead, score_entries, update_lead,
};
pub use verify::{schedule_verification, verify_leads};
